export { CallFlag } from '../../rules/index.ts';
