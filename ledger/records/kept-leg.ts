import type { Receipt } from './quarantine-store.ts';

/** Where the legs of a group are: the bucket of the group, and a hash that another group may share. */
export interface LegPlace {
  readonly bucket: number;
  /** The halves of the 64 bits of the hash, each signed: numbers are compared and written faster than a bigint. */
  readonly hashHigh: number;
  readonly hashLow: number;
}

/** A leg as the ledger keeps it. */
export interface KeptLeg extends LegPlace {
  /** How many legs of the group were known with the batch that brought it. */
  readonly known: number;
  readonly family: string;
  readonly switchId: string;
  readonly groupId: string;
  readonly legId: string;
  readonly evidence: string;
  readonly receipt: Receipt | null;
  /** Of the bytes that it was read from; `null`: nobody kept it. Others may share it. */
  readonly recordHash: bigint | null;
}
