export { type ApiParts, buildServer } from './server.ts';
export { type People, type PeopleSettings, peopleBy } from './people.ts';
export type { TraceSettings } from './traces.ts';
