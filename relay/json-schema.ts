import { z } from 'zod';
import { EVENT_SCHEMAS, type RelayedType } from './event-schemas.ts';

/**
 * The JSON Schema (draft 2020-12) of the data of a type of event. We write no field that it does not name, but later
 * versions may: readers must let them pass, so it forbids none.
 */
export function jsonSchemaOf(type: RelayedType): object {
  const { $schema, ...schema } = z.toJSONSchema(EVENT_SCHEMAS[type], {
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties;
      // The format says it, and the pattern says it in a way that nobody can read.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return { $schema, title: type, ...schema };
}
