export { Relay, type RelayParts } from './relay.ts';
export type { RelayTopics } from './relay-producer.ts';
export { EVENT_SCHEMAS, type RelayedType } from './event-schemas.ts';
export { jsonSchemaOf } from './json-schema.ts';
