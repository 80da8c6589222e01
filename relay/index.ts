export { Relay, type RelayParts } from './relay.ts';
export type { RelayTopics } from './relay-producer.ts';
export { EVENT_SCHEMAS } from './event-schemas.ts';
