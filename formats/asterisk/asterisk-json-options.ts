import type { LocalClock } from '../reading/local-clock.ts';
import type { TrunkOptions } from './asterisk-leg.ts';

export interface AsteriskJsonOptions extends TrunkOptions {
  /** Name of this Asterisk; by default the record's `SystemName`, else its `EntityID`. */
  readonly switchId?: string;
  /** The zone of times without an offset, as events of the manager interface have them. */
  readonly clock?: LocalClock;
  /** Fields, such as CDR variables that the dialplan sets, that name who diverted a call; none by default. */
  readonly diverterFrom?: readonly string[];
  /** CDR variables in which the dialplan keeps the subscriber's user agent and address; none by default. */
  readonly userAgentFrom?: readonly string[];
  readonly sourceIpFrom?: readonly string[];
}
