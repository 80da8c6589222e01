import { z } from 'zod';
import {
  FORMAT_SETTINGS,
  type FormatId,
  type FormatOptions,
  type Mapping,
  type ReadMapping,
  formatIds,
  gatherFormatSettings,
  readFormatSettings,
  settingInWords,
  settingNames,
} from '../../formats/index.ts';
import { readMediaType } from '../media-type.ts';
import type { BodyContent } from '../openapi.ts';
import type { FieldProblem } from '../problem.ts';

const MAPPING_NOTE = ': a name of those that `fairtally serve --mapping NAME=FILE` was given';
const one = z.string().min(1).max(500).optional();
const several = z.union([z.string().min(1).max(500), z.array(z.string().min(1).max(500)).max(100)]).optional();
const gone = several.meta({
  description: 'No longer taken: `dial-prefix` says the same, `dial-prefix=9=`',
  deprecated: true,
});

/** Every setting of formats under the name that topics use; a mapping by the name that `serve` gives it. */
function settings(): Record<string, typeof one | typeof several> {
  const named = settingNames.filter((name) => name !== 'format');
  return Object.fromEntries(
    named.map((name) => {
      const { isList, formats } = FORMAT_SETTINGS[name];
      const description = `For ${formats.join(', ')}${name === 'mapping' ? MAPPING_NOTE : ''}`;
      return [settingInWords(name), (isList ? several : one).meta({ description })];
    }),
  );
}

/** What may be said of the records of a post: as `fairtally rate` and topics have it, see the page of the formats. */
export const cdrsQuery = z.strictObject({
  results: z.enum(['all', 'exceptions']).default('all').meta({
    description: '`exceptions` leaves out records that were rated: an answer to many records is then short',
  }),
  format: z.enum(formatIds).optional().meta({
    description: 'The format of the records; left out, it is told from the content type and the first bytes',
  }),
  ...settings(),
  'outside-prefix': gone,
  'strip-prefix': gone,
  uuid: one.meta({ description: 'FreeSWITCH adds it by itself; it is not read' }),
});

export type CdrsQuery = z.output<typeof cdrsQuery>;

/**
 * Media types that a post may have, and what its records are taken for where no format is named and none is known by
 * its first bytes. FreeSWITCH's two last names are those of a form that is not percent-encoded.
 */
const MEDIA_TYPES: Readonly<Record<string, FormatId | null>> = {
  'application/json': null,
  'application/x-ndjson': 'canonical-ndjson',
  'application/ndjson': 'canonical-ndjson',
  'application/jsonl': 'canonical-ndjson',
  'text/csv': null,
  'text/plain': null,
  'text/xml': null,
  'application/xml': null,
  'application/gzip': null,
  'application/octet-stream': null,
  'application/x-www-form-urlencoded': null,
  'application/x-www-form-base64-encoded': null,
  'application/x-www-form-plaintext': null,
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

/** What a post says of its format, or what is wrong with it; `not-taken`: its media type, in words. */
export function postFormat(
  contentType: string | undefined,
  { results: _results, uuid: _uuid, ...given }: CdrsQuery,
  mappings: ReadonlyMap<string, Mapping>,
): PostFormat | { readonly faults: readonly FieldProblem[] } | { readonly notTaken: string } {
  const media = readMediaType(contentType, CDR_MEDIA_TYPES);
  if ('notTaken' in media) return media;
  const pairs = Object.entries(given).flatMap(([name, value]) =>
    [value ?? []].flat().map((text) => [name, text] as const),
  );
  const { settings: gathered, faults } = gatherFormatSettings(pairs);
  const read =
    faults.length > 0
      ? ({ kind: 'faults', faults } as const)
      : readFormatSettings(gathered, shownParameter, (name) => mappingOf(name, mappings));
  if (read.kind === 'faults')
    return { faults: read.faults.map((detail) => settingProblem(detail, Object.keys(given))) };
  const otherwise = MEDIA_TYPES[media.type] ?? undefined;
  return {
    ...read.options,
    ...(otherwise === undefined ? {} : { otherwise }),
    hasDocuments: media.type === 'application/json',
  };
}

function mappingOf(name: string, mappings: ReadonlyMap<string, Mapping>): ReadMapping {
  const mapping = mappings.get(name);
  if (mapping !== undefined) return { mapping };
  const known = [...mappings.keys()].join(', ');
  const why =
    known === '' ? `this server was started without '--mapping NAME=FILE'` : `this server has the mappings ${known}`;
  return { faults: [`Cannot use ${shownParameter('mapping')} '${name}': ${why}`] };
}

function shownParameter(name: string): string {
  return `parameter ${name}`;
}

/** A fault of a setting, at the parameter that its words name: `Cannot use parameter zone 'Mars': …`. */
function settingProblem(detail: string, given: readonly string[]): FieldProblem {
  const named = /(?:parameter |setting ')([a-z-]+)/.exec(detail)?.[1];
  const isKnown = named !== undefined && (given.includes(named) || Object.hasOwn(cdrsQuery.shape, named));
  return { code: 'invalid-value', detail, ...(isKnown ? { pointer: `/${named}` } : {}) };
}
