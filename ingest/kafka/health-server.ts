import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { HealthReport } from './worker-health.ts';

export interface HealthServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` for Prometheus and `/health`: 200, or 503 with the reasons, as JSON.
 *
 * @param port 0: any that is free
 */
export async function startHealthServer(
  port: number,
  registry: Registry,
  report: () => HealthReport,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    if (request.url === '/health') answerHealth(response, report());
    else if (request.url === '/metrics') void answerMetrics(response, registry);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answerHealth(response: ServerResponse, { isHealthy, reasons, stopped }: HealthReport): void {
  response
    .writeHead(isHealthy ? 200 : 503, { 'content-type': 'application/json' })
    .end(`${JSON.stringify({ status: isHealthy ? 'ok' : 'failing', reasons, stopped })}\n`);
}

async function answerMetrics(response: ServerResponse, registry: Registry): Promise<void> {
  const text = await registry.metrics();
  response.writeHead(200, { 'content-type': registry.contentType }).end(text);
}
