/** Bytes that requests may hold in memory together. */
export class ByteBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Room for one request, until it is released; `null`: there is none. */
  reserve(bytes: number): ByteReservation | null {
    const reservation = new ByteReservation((more) => {
      if (more > this.#left) return false;
      this.#left -= more;
      return true;
    });
    return reservation.growTo(bytes) ? reservation : null;
  }
}

/** What one request may hold. */
export class ByteReservation {
  readonly #take: (bytes: number) => boolean;
  #bytes = 0;

  constructor(take: (bytes: number) => boolean) {
    this.#take = take;
  }

  /** Whether there is room for so many bytes in all; then they are taken. */
  growTo(bytes: number): boolean {
    if (bytes <= this.#bytes) return true;
    if (!this.#take(bytes - this.#bytes)) return false;
    this.#bytes = bytes;
    return true;
  }

  release(): void {
    this.#take(-this.#bytes);
    this.#bytes = 0;
  }
}
