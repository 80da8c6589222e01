import { loadOffers, type RegisteredOffer, repeatWhileCut, retroactiveChanges } from '../../ledger/index.ts';
import type { LedgerReading } from '../ledger-access.ts';
import { ledgerTimeZone } from '../ledger-civil-time.ts';
import type { MadeRetroactive } from '../retroactive.ts';

/** A version of an offer. */
export interface ListedOffer extends RegisteredOffer {
  /** Whether it is the one of its id that lines are judged by. */
  readonly isInUse: boolean;
}

export interface OfferList {
  /** In the order in which they were registered. */
  readonly offers: readonly ListedOffer[];
  /** Imports that changed what was rated already, in the order in which they were made. */
  readonly retroactive: readonly MadeRetroactive[];
  /** In which their instants are shown. */
  readonly timeZone: string;
}

/** Every version of every offer. */
export function listOffers({ db }: LedgerReading): Promise<OfferList> {
  return repeatWhileCut(async () => {
    const offers = await loadOffers(db);
    return {
      offers: offers.map((offer) => ({
        ...offer,
        isInUse: offers.findLast(({ id }) => id === offer.id)?.no === offer.no,
      })),
      retroactive: await retroactiveChanges(db, 'offer'),
      timeZone: await ledgerTimeZone(db),
    };
  });
}
