import { type LedgerLife, lastLife, lifeOf, type Queryable } from '../ledger/index.ts';
import { OperatingFault } from '../operating/index.ts';
import { type Piece, piece } from '../services/index.ts';

const SOURCE = '/fairtally/ledger/';

/**
 * The `source` of events: it names the ledger's life that they are of, since a restored ledger gives numbers once
 * more that were published before with something else. `source` and `id` together name an event for good.
 */
export class EventSources {
  readonly #lives: readonly LedgerLife[];
  readonly #pieces: ReadonlyMap<number, Piece>;
  readonly #only: Piece | null;

  constructor(lives: readonly LedgerLife[]) {
    this.#lives = lives;
    this.#pieces = new Map(lives.map((life) => [life.no, piece(sourceOf(life))]));
    this.#only = lives.length === 1 ? this.#pieces.get(lives[0]!.no)! : null;
  }

  /**
   * Throws when the ledger has begun another life since. To be asked after what is published was read: what was posted
   * in that life would be published as of the one before.
   */
  async requireCurrent(q: Queryable): Promise<void> {
    if ((await lastLife(q)) !== this.#lives.at(-1)?.no)
      throw new OperatingFault('Cannot go on publishing: the ledger was restored since');
  }

  /** The source of an entry's event, as a piece of JSON without quotes. Throws where no life is known. */
  ofEntry(bucket: number, position: number): Piece {
    return this.#only ?? this.#pieces.get(lifeOf(this.#lives, bucket, { kind: 'position', no: position }).no)!;
  }

  /** The source of an event of the outbox. */
  ofEvent(bucket: number, no: number): string {
    return sourceOf(lifeOf(this.#lives, bucket, { kind: 'event', no }));
  }
}

/** How events name a life of the ledger. */
export function sourceOf({ id }: Pick<LedgerLife, 'id'>): string {
  return `${SOURCE}${id}`;
}
