import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

/** Where traces go, as OpenTelemetry's variables say. */
export interface TraceSettings {
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`: its `/v1/traces` takes OTLP over HTTP as JSON. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly service: string;
  readonly version: string;
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly requestId: string;
  readonly beganAt: number;
  readonly endedAt: number;
}

const SEND_EVERY_MS = 2_000;
const SEND_MS = 10_000;
const MOST_KEPT = 2_048;
const SERVER_KIND = 2;
const ERROR_STATUS = 2;
/** `traceparent` of W3C Trace Context, sampled or not. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Sends a span for each request by OTLP/HTTP, as part of the trace that the caller began, where it did. Spans name
 * the route, never the URL. What can't be sent is dropped, and said once: traces stop nothing.
 */
export function traceRequests(app: FastifyInstance, settings: TraceSettings, log: Logger): void {
  let spans: Span[] = [];
  let isAway = false;
  const flush = async (): Promise<void> => {
    const sent = spans;
    spans = [];
    if (sent.length === 0) return;
    try {
      const answer = await fetch(`${settings.endpoint.replace(/\/$/, '')}/v1/traces`, {
        method: 'POST',
        headers: { ...settings.headers, 'content-type': 'application/json' },
        body: JSON.stringify(otlpOf(sent, settings)),
        signal: AbortSignal.timeout(SEND_MS),
        redirect: 'error',
      });
      await answer.body?.cancel();
      isAway = tellOnce(answer.ok, isAway, log);
    } catch {
      isAway = tellOnce(false, isAway, log);
    }
  };
  const timer = setInterval(() => void flush(), SEND_EVERY_MS);
  timer.unref();
  app.addHook('onResponse', async (request, reply) => {
    const [, traceId, parentSpanId = '', flags = '01'] = TRACEPARENT.exec(String(request.headers['traceparent'])) ?? [];
    if ((Number.parseInt(flags, 16) & 1) === 0 || spans.length >= MOST_KEPT) return;
    const endedAt = Date.now();
    spans.push({
      traceId: traceId ?? randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      parentSpanId,
      method: request.method,
      route: request.is404 ? 'none' : (request.routeOptions.url ?? 'none'),
      status: reply.statusCode,
      requestId: request.id,
      beganAt: endedAt - reply.elapsedTime,
      endedAt,
    });
  });
  app.addHook('onClose', async () => {
    clearInterval(timer);
    await flush();
  });
}

function tellOnce(isThere: boolean, wasAway: boolean, log: Logger): boolean {
  if (!isThere && !wasAway) log.warn('traces can not be sent: they are dropped until they can');
  return !isThere;
}

/** Spans as OTLP has them in JSON: ids in hex, nanoseconds as text. */
function otlpOf(spans: readonly Span[], { service, version }: TraceSettings): object {
  const resource = { attributes: [text('service.name', service), text('service.version', version)] };
  return {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'fairtally', version }, spans: spans.map(spanOf) }] }],
  };
}

function spanOf({ traceId, spanId, parentSpanId, method, route, status, requestId, beganAt, endedAt }: Span): object {
  return {
    traceId,
    spanId,
    ...(parentSpanId === '' ? {} : { parentSpanId }),
    name: `${method} ${route}`,
    kind: SERVER_KIND,
    startTimeUnixNano: nanosOf(beganAt),
    endTimeUnixNano: nanosOf(endedAt),
    attributes: [
      text('http.request.method', method),
      text('http.route', route),
      { key: 'http.response.status_code', value: { intValue: String(status) } },
      text('fairtally.request.id', requestId),
    ],
    status: status >= 500 ? { code: ERROR_STATUS } : {},
  };
}

function text(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

function nanosOf(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}
