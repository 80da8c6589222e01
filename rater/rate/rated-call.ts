import type { Destination } from '../../tariffs/index.ts';
import type { CompiledOffer } from './compiled-offer.ts';
import type { Coverage } from './entry.ts';
import type { LineState } from '../line/line-state.ts';
import type { Registration } from '../line/registration.ts';

/** What a call should cost now, given all facts known: the result of rating, one shape for the hot loop. */
export interface RatedCall {
  readonly line: LineState;
  /** yyyymm, in the civil time of the offer. */
  readonly period: number;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly called: number;
  readonly destination: Destination;
  /** Emergency or toll-free: never charged, never counted. */
  readonly isFree: boolean;
  readonly offer: CompiledOffer | null;
  /** The declared class of the line's user in force at the start. */
  readonly usageClass: string;
  /** Bits of `call-flags.ts`. */
  readonly flags: number;
  readonly coverage: Coverage;
  /** Why: the class of destination for included and free calls, the obstacle for metered ones. */
  readonly reason: string;
  readonly billedSeconds: number;
  /** Micros. */
  readonly charge: number;
  /** Micros: what the call costs by the minute, whatever its coverage. */
  readonly meteredPrice: number;
  /** The registration that tells what its record does not, the latest of several; `null` where none does. */
  readonly registration: Registration | null;
}
