import { z } from 'zod';
import { type FormatOptions, formatIds, gatherFormatSettings, readFormatSettings } from '../../formats/index.ts';
import type { BodyContent } from '../openapi.ts';
import type { FieldProblem } from '../problem.ts';

const FORMATS = formatIds.filter((id) => id !== 'mapped');
const one = z.string().min(1).max(500).optional();
const several = z.union([z.string().min(1).max(500), z.array(z.string().min(1).max(500)).max(100)]).optional();

/** What may be said of the records of a post: as `fairtally rate` and topics have it, see the page of the formats. */
export const cdrsQuery = z.strictObject({
  results: z.enum(['all', 'exceptions']).default('all').meta({
    description: '`exceptions` leaves out records that were rated: an answer to many records is then short',
  }),
  format: z
    .enum(FORMATS as [string, ...string[]])
    .optional()
    .meta({
      description: 'The format of the records; left out, it is told from the content type and the first bytes',
    }),
  switch: one,
  zone: one,
  trunk: several,
  gateway: several,
  profile: several,
  'outside-prefix': several,
  'strip-prefix': several,
  'billed-leg': one,
  'line-from': several,
  'diverter-from': several,
  'user-agent-from': several,
  'source-ip-from': several,
  'number-from': several,
  'duration-from': one,
  'dial-prefix': several,
  extension: several,
  'longest-call': one,
  'clock-offset': one,
  uuid: one.meta({ description: 'FreeSWITCH adds it by itself; it is not read' }),
});

export type CdrsQuery = z.output<typeof cdrsQuery>;

/** Media types that a post may have, and what they say of its format where none is named. */
const MEDIA_TYPES: Readonly<Record<string, 'documents' | 'lines' | 'detected'>> = {
  'application/json': 'documents',
  'application/x-ndjson': 'lines',
  'application/ndjson': 'lines',
  'application/jsonl': 'lines',
  'text/csv': 'detected',
  'text/plain': 'detected',
  'text/xml': 'detected',
  'application/xml': 'detected',
  'application/x-www-form-urlencoded': 'detected',
  'application/gzip': 'detected',
  'application/octet-stream': 'detected',
};

export const CDR_MEDIA_TYPES: readonly string[] = Object.keys(MEDIA_TYPES);

const asText = { type: 'string' } as const;
const records = {
  anyOf: [
    { type: 'object', additionalProperties: true },
    { type: 'array', items: { type: 'object', additionalProperties: true } },
  ],
  description: 'A record, or several: canonical ones, or those of a switch as they are',
} as const;

/** The body of a post, for people and generators: other names of the same types are taken too. */
export const CDR_BODY: BodyContent = {
  'application/json': { schema: records },
  'application/x-ndjson': { schema: { ...asText, description: 'A record a line' } },
  'text/csv': { schema: { ...asText, description: 'A record a row' } },
  'text/plain': { schema: { ...asText, description: 'Records of a switch as they are' } },
  'application/xml': { schema: { ...asText, description: 'Records of a switch as they are' } },
};

/** How the records of a post are read. */
export type PostFormat = FormatOptions & { readonly hasDocuments: boolean };

/** What a post says of its format; `null`: its media type is none that is taken. */
export function postFormat(
  contentType: string | undefined,
  { results: _results, uuid: _uuid, ...given }: CdrsQuery,
): PostFormat | { readonly faults: readonly FieldProblem[] } | null {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const hint = MEDIA_TYPES[mediaType];
  if (hint === undefined) return null;
  const pairs = Object.entries(given).flatMap(([name, value]) =>
    [value ?? []].flat().map((text) => [name, text] as const),
  );
  const { settings, faults } = gatherFormatSettings(pairs);
  const read = faults.length > 0 ? ({ kind: 'faults', faults } as const) : readFormatSettings(settings, shownParameter);
  if (read.kind === 'faults') {
    return { faults: read.faults.map((detail) => ({ code: 'invalid-value', detail })) };
  }
  const { options } = read;
  const isLines = hint === 'lines' && options.format === undefined;
  return {
    ...options,
    ...(isLines ? { format: 'canonical-ndjson' as const } : {}),
    hasDocuments: hint === 'documents',
  };
}

function shownParameter(name: string): string {
  return `parameter ${name}`;
}
