import {
  addRetroactiveChange,
  type RetroactiveChange,
  type RetroactiveKind,
  type Transaction,
} from '../ledger/index.ts';
import { type Refusal, refusal } from './refusals.ts';

/** What whoever makes a change that may reach back over rated calls says of it. */
export interface RetroactiveRequest {
  /** Do it though it changes what is rated already, or prices of days that are over. */
  readonly retroactive?: boolean | undefined;
  /** Why; kept with a change that reaches back. */
  readonly note?: string | undefined;
  /** Who does it; kept with it. */
  readonly by: string;
}

/** From when on a change reaches back, and over how many calls. */
export interface Reach {
  /** ms since the epoch. */
  readonly from: number;
  /** Calls that were rated. */
  readonly calls: number;
}

/** A change that reached back over rated calls, and when it was made (ms since the epoch). */
export type MadeRetroactive = RetroactiveChange & { readonly takenAt: number };

/** What is wrong with it whatever the ledger holds; `act` as in *Cannot ‹import an offer› for nobody*. */
export function retroactiveFaults(act: string, { retroactive, note, by }: RetroactiveRequest): Refusal[] {
  const isReasonMissing = retroactive === true && (note ?? '').trim() === '';
  return [
    ...(isReasonMissing ? [refusal('reason-missing', { act: 'change what is rated already' })] : []),
    ...(by.trim() === '' ? [refusal('name-missing', { act })] : []),
  ];
}

/** Keeps a change that reaches back, in its transaction; one that does not is nothing to keep. */
export async function keepReachBack(
  tx: Transaction,
  kind: RetroactiveKind,
  version: string,
  reach: Reach | null,
  { retroactive, note, by }: RetroactiveRequest,
): Promise<void> {
  if (reach === null || retroactive !== true) return;
  const { from: reachesBack, calls } = reach;
  await addRetroactiveChange(tx, { kind, version, reachesBack, calls, takenBy: by, note: note ?? '' });
}
