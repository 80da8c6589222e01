import { OperatingFault } from '../operating/index.ts';

/** Who lets people in does not answer: asked again, it may. */
export class PeopleAwayError extends OperatingFault {
  override readonly name = 'PeopleAwayError';

  constructor(issuer: string, options?: ErrorOptions) {
    super(`Cannot ask '${issuer}' who it is: it does not answer`);
    this.cause = options?.cause;
  }
}
