import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import {
  compareDecks,
  type DeckText,
  findDeck,
  importDeck,
  importOffer,
  isoEnd,
  isoInstant,
  type LedgerAccess,
  listDecks,
  listOffers,
  type MadeRetroactive,
  type Refused,
} from '../../services/index.ts';
import { type DeckFault, formatDeckFault } from '../../tariffs/index.ts';
import { holderOf, refuseKeysOfAccounts } from '../authorise.ts';
import { type FieldProblem, httpProblem } from '../problem.ts';
import { once } from '../once.ts';
import { refuse, sendProblem } from '../refuse.ts';
import { currency, id, instant, problems } from '../schemas.ts';
import { offerProblems } from './offer-faults.ts';

/** A deck of all countries has some megabytes. */
const LONGEST_TEXT = 32 << 20;
const version = z.literal(1);
const text = z.string().min(1).meta({ description: 'The document, whole' });
const name = z.string().min(1).max(200);

const deck = z.strictObject({
  no: z.int(),
  name,
  version: z.string(),
  currency,
  timeZone: z.string(),
  isInUse: z.boolean(),
});
const span = z.strictObject({
  basis: z.string(),
  deckNo: z.int(),
  from: instant.nullable(),
  to: instant.nullable(),
  takenBy: z.string(),
  takenAt: instant,
});
const reachBack = z.looseObject({ version: z.string(), takenBy: z.string(), note: z.string() });
const retroactive = {
  retroactive: z.boolean().optional().meta({ description: 'Import it though it changes what is rated already' }),
  note: z.string().max(10_000).optional().meta({ description: 'Why; kept with a change that reaches back' }),
};
const deckImport = z.strictObject({
  name: name.meta({ description: 'What the deck is called where it does not name itself' }),
  text,
  from: z.string().max(20).optional().meta({ description: `The day from which on it prices calls, or 'ever'` }),
  allowUnpriced: z.boolean().optional(),
  ...retroactive,
});
const offerImport = z.strictObject({ name, text, ...retroactive });
const side = z
  .strictObject({ deck: name.optional(), text: text.optional() })
  .refine((said) => (said.deck === undefined) !== (said.text === undefined), {
    message: 'Say either `deck`, one of the ledger, or `text`',
  });
const comparison = z.strictObject({ before: side, after: side, at: z.string().max(60).optional() });

const deckList = z
  .strictObject({
    v: version,
    timeZone: z.string(),
    decks: z.array(deck),
    schedule: z.array(span),
    retroactive: z.array(reachBack),
  })
  .meta({ id: 'DeckList' });
export type DeckList = z.output<typeof deckList>;

const deckComparison = z
  .strictObject({
    v: version,
    at: instant,
    timeZone: z.string(),
    changes: z.array(
      z.strictObject({
        key: z.string(),
        destination: z.string(),
        from: instant,
        change: z.enum(['added', 'removed', 'changed']),
        direction: z.enum(['rise', 'fall', 'mixed', 'same']),
        differences: z.array(z.looseObject({ part: z.string() })),
      }),
    ),
  })
  .meta({ id: 'DeckComparison' });
export type DeckComparison = z.output<typeof deckComparison>;

const importedDeck = z
  .strictObject({
    v: version,
    name,
    version: z.string(),
    currency,
    rates: z.int(),
    from: instant.nullable(),
    to: instant.nullable(),
    isInUse: z.boolean(),
    wasKnown: z.boolean(),
    staleLines: z.int(),
    staleRecords: z.int(),
  })
  .meta({ id: 'ImportedDeck' });
export type ImportedDeck = z.output<typeof importedDeck>;

const offerList = z
  .strictObject({
    v: version,
    timeZone: z.string(),
    offers: z.array(z.looseObject({ id, version: z.string(), isInUse: z.boolean() })),
    retroactive: z.array(reachBack),
  })
  .meta({ id: 'OfferList' });
export type OfferList = z.output<typeof offerList>;

/** Decks and offers: which there are, what one would change, and their import. */
export function addCatalogueRoutes(app: FastifyInstance, ledger: LedgerAccess): void {
  app.get(
    '/v1/decks',
    {
      config: { scope: 'decks:read' },
      schema: {
        summary: 'The rate decks, and from when to when each is in force',
        response: {
          200: deckList,
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const list = await listDecks(ledger);
      return reply.send({
        v: 1,
        timeZone: list.timeZone,
        decks: list.decks.map((one) => ({
          no: one.no,
          name: one.name,
          version: one.version,
          currency: one.currency,
          timeZone: one.timeZone,
          isInUse: one.isInUse,
        })),
        schedule: list.schedule.map(({ basis, deckNo, from, to, takenBy, takenAt }) => ({
          basis,
          deckNo,
          from: isoEnd(from),
          to: isoEnd(to),
          takenBy,
          takenAt: isoInstant(takenAt),
        })),
        retroactive: list.retroactive.map(reachBackJson),
      });
    },
  );
  app.post(
    '/v1/decks/compare',
    {
      config: { scope: 'decks:read' },
      bodyLimit: LONGEST_TEXT,
      schema: {
        summary: 'What changes for the customer when one deck takes the place of another',
        body: comparison,
        response: {
          200: deckComparison,
          ...problems(400, 404),
        },
      },
    },
    once(ledger.db, async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { before, after, at } = request.body as z.output<typeof comparison>;
      const texts: DeckText[] = [];
      for (const [which, said] of Object.entries({ before, after })) {
        const found = await deckText(ledger, which, said);
        if ('code' in found) return refuse(reply, found);
        texts.push(found);
      }
      const compared = compareDecks(texts[0]!, texts[1]!, at);
      if (compared.kind === 'refused') return refuse(reply, compared);
      if (compared.kind === 'faults') return refuseDeck(reply, compared.deck, compared.faults);
      return {
        v: 1,
        at: isoInstant(compared.at),
        timeZone: compared.timeZone,
        changes: compared.changes.map(({ key, destination, from, change, direction, differences }) => ({
          key,
          destination,
          from: isoInstant(from),
          change,
          direction,
          differences,
        })),
      };
    }),
  );
  app.post(
    '/v1/decks',
    {
      config: { scope: 'decks:write' },
      bodyLimit: LONGEST_TEXT,
      schema: {
        summary: 'Imports a rate deck: it prices the calls that start from a day on; what it touches is priced anew',
        body: deckImport,
        response: {
          200: importedDeck,
          ...problems(400, 404, 409),
        },
      },
    },
    once(ledger.db, async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { name: file, ...said } = request.body as z.output<typeof deckImport>;
      const imported = await importDeck(ledger, { file, ...said, by: holderOf(request).name });
      if (imported.kind === 'refused') return refuse(reply, imported);
      if (imported.kind === 'faults') return refuseDeck(reply, file, imported.faults);
      await ledger.engine.catchUp();
      return {
        v: 1,
        name: imported.name,
        version: imported.version,
        currency: imported.currency,
        rates: imported.rates,
        from: isoEnd(imported.from),
        to: isoEnd(imported.to),
        isInUse: imported.isInUse,
        wasKnown: imported.wasKnown,
        staleLines: imported.stale.lines,
        staleRecords: imported.stale.records,
      };
    }),
  );
  app.get(
    '/v1/offers',
    {
      config: { scope: 'decks:read' },
      schema: {
        summary: 'Every version of every offer, with its document',
        response: {
          200: offerList,
          ...problems(404),
        },
      },
    },
    async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { offers, timeZone, retroactive: reached } = await listOffers(ledger);
      return reply.send({ v: 1, timeZone, offers, retroactive: reached.map(reachBackJson) });
    },
  );
  app.post(
    '/v1/offers',
    {
      config: { scope: 'decks:write' },
      schema: {
        summary: 'Imports an offer: lines that have it are judged again by it',
        body: offerImport,
        response: {
          200: z
            .strictObject({
              v: version,
              id,
              version: z.string(),
              name: z.string(),
              isInUse: z.boolean(),
              wasKnown: z.boolean(),
              staleLines: z.int(),
            })
            .meta({ id: 'ImportedOffer' }),
          ...problems(400, 404, 409),
        },
      },
    },
    once(ledger.db, async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { name: file, ...said } = request.body as z.output<typeof offerImport>;
      const imported = await importOffer(ledger, { file, ...said, by: holderOf(request).name });
      if (imported.kind === 'refused') return refuse(reply, imported);
      if (imported.kind === 'faults') {
        const errors = offerProblems(file, imported.faults, '/text');
        return sendProblem(reply, httpProblem('invalid-request', `Cannot import offer '${file}': see errors`, errors));
      }
      await ledger.engine.catchUp();
      const { kind: _, ...data } = imported;
      return { v: 1, ...data };
    }),
  );
}

async function deckText(
  ledger: LedgerAccess,
  which: string,
  said: { readonly deck?: string | undefined; readonly text?: string | undefined },
): Promise<DeckText | Refused> {
  return said.text === undefined ? findDeck(ledger, said.deck ?? '') : { name: which, text: said.text };
}

function refuseDeck(reply: FastifyReply, file: string, faults: readonly DeckFault[]): FastifyReply {
  const errors = faults.map((fault): FieldProblem => ({
    code: fault.code,
    detail: formatDeckFault(fault),
    pointer: `/text/${fault.line}${fault.column === null ? '' : `/${fault.column}`}`,
  }));
  return sendProblem(reply, httpProblem('invalid-request', `Cannot use deck '${file}': see errors`, errors));
}

function reachBackJson({ version: of, reachesBack, calls, takenBy, note, takenAt }: MadeRetroactive) {
  return { version: of, reachesBack: isoEnd(reachesBack), calls, takenBy, note, takenAt: isoInstant(takenAt) };
}
