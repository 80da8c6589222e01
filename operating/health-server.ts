import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { OperatingFault } from './operating-fault.ts';
import { visibleJson, visibleText } from './visible-text.ts';
import type { HealthReport } from './health.ts';

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Where the server listens. */
export interface HealthAddress {
  /** An address of this machine: `127.0.0.1`, `::1`, `0.0.0.0` and `::` for all of them, or a name. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Who asks has this long to ask, and to take the answer, in ms. */
const PATIENCE_MS = 5_000;
const MOST_HEADER_BYTES = 8_192;
const MOST_CONNECTIONS = 64;

/**
 * Serves `/metrics` for Prometheus and `/health`: 200, or 503 with the reasons, as JSON. Only GET and HEAD are
 * answered; who asks slowly, at length or many times over is cut off. Rejects with `OperatingFault` when it can't
 * listen there.
 */
export async function startHealthServer(
  address: HealthAddress,
  registry: Registry,
  report: () => HealthReport,
): Promise<HealthServer> {
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: PATIENCE_MS,
      requestTimeout: PATIENCE_MS,
      keepAliveTimeout: PATIENCE_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => void answer(request, response, registry, report),
  );
  server.timeout = 2 * PATIENCE_MS;
  server.maxConnections = MOST_CONNECTIONS;
  server.maxHeadersCount = 64;
  await listen(server, address);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, { host, port }: HealthAddress): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    const code = String(error instanceof Error ? Reflect.get(error, 'code') : 'it failed');
    const shown = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    throw new OperatingFault(`Cannot serve metrics and health at '${shown}': ${LISTEN_FAULTS.get(code) ?? code}`);
  }
}

const LISTEN_FAULTS: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'another process listens there (--metrics-port)'],
  ['EADDRNOTAVAIL', 'this machine has no such address (--metrics-host)'],
  ['EACCES', 'it is not allowed (--metrics-port)'],
  ['ENOTFOUND', 'no address is known by that name (--metrics-host)'],
  ['EAI_AGAIN', 'no address is known by that name (--metrics-host)'],
]);

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  registry: Registry,
  report: () => HealthReport,
): Promise<void> {
  // Nobody has anything to send here.
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD', connection: 'close' }).end();
    return;
  }
  const path = request.url?.split('?', 1)[0];
  if (path === '/health') answerHealth(response, report());
  else if (path === '/metrics') await answerMetrics(response, registry);
  else response.writeHead(404).end();
}

function answerHealth(response: ServerResponse, { isHealthy, reasons, stopped }: HealthReport): void {
  const text = JSON.stringify({ status: isHealthy ? 'ok' : 'failing', reasons, stopped });
  response
    .writeHead(isHealthy ? 200 : 503, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' })
    .end(`${visibleJson(text)}\n`);
}

async function answerMetrics(response: ServerResponse, registry: Registry): Promise<void> {
  try {
    const text = visibleText(await registry.metrics());
    response.writeHead(200, { 'content-type': registry.contentType, 'x-content-type-options': 'nosniff' }).end(text);
  } catch {
    response.writeHead(500).end();
  }
}
