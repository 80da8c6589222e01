import { OperatingFault } from '../../operating/index.ts';

/** Bytes of a log are not what Kafka's format or a compression allows: reading them again changes nothing. */
export class UnreadableError extends OperatingFault {
  override readonly name = 'UnreadableError';
}
