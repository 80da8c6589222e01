import type { Problem } from './problem.ts';

/** A request that is not let in. */
export class NotLetInError extends Error {
  override readonly name = 'NotLetInError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}
