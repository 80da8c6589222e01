/**
 * Something outside is not as it must be: a topic that is missing, an address that is in use. Its message names
 * topics, hosts, files and settings, and never a value of a record or a password: it may stand in a log.
 */
export class OperatingFault extends Error {
  override readonly name: string = 'OperatingFault';
}
