import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type LedgerAccess, type OfferNamed, compareOffers, findOffer } from '../../services/index.ts';
import { refuseKeysOfAccounts } from '../authorise.ts';
import { once } from '../once.ts';
import { httpProblem } from '../problem.ts';
import { refuse, sendProblem } from '../refuse.ts';
import { problems } from '../schemas.ts';
import { offerProblems } from './offer-faults.ts';

const side = z
  .strictObject({
    offer: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'One of the ledger: its id, or as `id@version` one version of it' }),
    text: z.string().min(1).optional().meta({ description: 'The document, whole' }),
  })
  .refine((said) => (said.offer === undefined) !== (said.text === undefined), {
    message: 'Say either `offer`, one of the ledger, or `text`',
  });
const comparison = z.strictObject({ before: side, after: side });
const offerComparison = z
  .strictObject({
    v: z.literal(1),
    differences: z.array(
      z.strictObject({
        path: z.array(z.string()).meta({ description: 'Where: `conditions`, the id of one, `settings`, `maxNumbers`' }),
        before: z.unknown().meta({ description: '`null`: it is not there' }),
        after: z.unknown().meta({ description: '`null`: it is not there' }),
      }),
    ),
  })
  .meta({ id: 'OfferComparison' });

/** What differs between two offers, of the ledger or to be imported. */
export function addOfferComparison(app: FastifyInstance, ledger: LedgerAccess): void {
  app.post(
    '/v1/offers/compare',
    {
      config: { scope: 'decks:read' },
      schema: {
        summary: 'What differs when one offer takes the place of another',
        body: comparison,
        response: { 200: offerComparison, ...problems(400, 404) },
      },
    },
    once(ledger.db, async (request, reply) => {
      refuseKeysOfAccounts(request);
      const { before, after } = request.body as z.output<typeof comparison>;
      const offers = [];
      for (const [which, said] of Object.entries({ before, after })) {
        const found = await findOffer(ledger, said as OfferNamed);
        if (found.kind === 'refused') return refuse(reply, found);
        if (found.kind === 'faults') {
          const errors = offerProblems(which, found.faults, `/${which}/text`);
          return sendProblem(reply, httpProblem('invalid-request', `Cannot use offer '${which}': see errors`, errors));
        }
        offers.push(found.offer);
      }
      return { v: 1, differences: compareOffers(offers[0]!, offers[1]!) };
    }),
  );
}
