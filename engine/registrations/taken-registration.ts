import type { RegistrationEvent } from '../../rater/index.ts';

/** What a record of a delivery tells of a registration, with its instant. */
export interface TakenRegistration {
  /** The line, as the switch names it. */
  readonly line: string;
  readonly event: RegistrationEvent;
}
