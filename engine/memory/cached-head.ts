/** A bucket as this process believes it to be; whoever locks it checks that. */
export interface CachedHead {
  /** The last feed position that is committed. */
  position: number;
  facts: number;
}
