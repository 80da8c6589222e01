export { defaultNoise } from './emit-scene.ts';
export type { Expected, ExpectedBreach, ExpectedCall, ExpectedLine } from './expected.ts';
export { generateInThread } from './generate-in-thread.ts';
export { MIN_LINES, type MonthOptions, filesInTheWay, generateMonth } from './generate-month.ts';
