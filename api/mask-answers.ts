import { Readable, Transform, type TransformCallback } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { maskCsv, maskNdjson, maskValue } from './masking.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** That its answers have no telephone numbers, in whatever form they are. */
    hasNoNumbers?: true;
  }
}

/** What an answer is, as far as numbers in it can be found. */
type Form = 'json' | 'lines' | 'csv';

/**
 * Masks telephone numbers in every answer to a key without `numbers:read`, after the route has made it: fields,
 * evidence, exports, faults. It is the one place: no route masks, and none can forget to. An answer of a form that it
 * does not know is not sent.
 */
export function maskAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload: unknown) => {
    const { holder } = request;
    if (holder === null || holder.scopes.has('numbers:read') || payload === null || payload === undefined) {
      return payload;
    }
    if (request.routeOptions.config.hasNoNumbers === true) return payload;
    const form = formOf(reply);
    if (form === null) throw new Error(`Cannot mask an answer of type '${String(reply.getHeader('content-type'))}'`);
    reply.removeHeader('content-length');
    if (payload instanceof Readable) return payload.pipe(new MaskingLines(form));
    return mask(form, Buffer.isBuffer(payload) ? payload.toString('utf8') : String(payload));
  });
}

function formOf(reply: FastifyReply): Form | null {
  const type = String(reply.getHeader('content-type') ?? '');
  if (/^application\/(?:problem\+)?json\b/.test(type)) return 'json';
  if (/^application\/x-ndjson\b/.test(type)) return 'lines';
  return /^text\/csv\b/.test(type) ? 'csv' : null;
}

function mask(form: Form, text: string): string {
  switch (form) {
    case 'json':
      return text === '' ? text : JSON.stringify(maskValue(JSON.parse(text)));
    case 'lines':
      return maskNdjson(text);
    case 'csv':
      return maskCsv(text);
    default:
      return form satisfies never;
  }
}

/** Masks a stream line by line: a number never stands in two pieces. A text in quotes may have line ends in CSV. */
class MaskingLines extends Transform {
  readonly #form: Form;
  readonly #decoder = new TextDecoder();
  #rest = '';

  constructor(form: Form) {
    super();
    this.#form = form;
  }

  override _transform(chunk: Buffer | string, _: BufferEncoding, done: TransformCallback): void {
    const text = this.#rest + (typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true }));
    const end = this.#endOfWhole(text);
    this.#rest = text.slice(end);
    try {
      done(null, end === 0 ? undefined : mask(this.#form, text.slice(0, end)));
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    try {
      done(null, this.#rest === '' ? undefined : mask(this.#form, this.#rest));
    } catch (error) {
      done(error as Error);
    }
  }

  /** Up to where whole lines stand; of CSV, outside of quotes. A JSON document is whole at its end alone. */
  #endOfWhole(text: string): number {
    if (this.#form === 'json') return 0;
    for (let end = text.lastIndexOf('\n') + 1; end > 0; end = text.lastIndexOf('\n', end - 2) + 1) {
      const isWhole = this.#form === 'lines' || text.slice(0, end).split('"').length % 2 === 1;
      if (isWhole) return end;
    }
    return 0;
  }
}
