export { type ApiParts, buildServer } from './server.ts';
