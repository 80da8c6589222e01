import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readProof, verifyLedger, type VerifiedLedger } from '../../../services/index.ts';
import { BARBADOS, call, PARIS, smallLedger, type SmallLedger } from '../small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../../support/ledger-server.ts';

let server: LedgerServer;
let small: SmallLedger;
beforeAll(async () => {
  server = await openLedgerServer('postgres');
  small = await smallLedger(server);
  await small.ledger.deliver([call('one', PARIS), call('two', BARBADOS)]);
});
afterAll(() => server.close());

async function verified(against?: string): Promise<VerifiedLedger> {
  const proof = against === undefined ? undefined : readProof('proof.json', against);
  if (proof?.kind === 'refused') throw new Error(proof.code);
  const outcome = await verifyLedger(small.access, {
    against: proof === undefined ? undefined : { file: 'proof.json', proof: proof.proof },
  });
  if (outcome.kind === 'refused') throw new Error(outcome.code);
  return outcome;
}

describe('verifyLedger()', () => {
  it('gives a proof as data, against which it verifies again', async () => {
    const first = await verified();
    expect(first).toMatchObject({ proven: 2, unproven: 0, findings: [], nameFindings: [] });
    await small.ledger.deliver([call('three', PARIS)]);
    expect(await verified(JSON.stringify(first))).toMatchObject({ ledger: first.ledger, proven: 3, findings: [] });
  });

  it('refuses what is no proof, and a proof of another ledger, in part or of too much', async () => {
    expect(readProof('x.json', '{')).toMatchObject({ code: 'proof-unreadable', values: { file: 'x.json' } });
    const { ledger, proofs } = await verified();
    const codeOf = async (proof: object): Promise<unknown> => verified(JSON.stringify(proof)).catch(String);
    expect([
      await codeOf({ ledger: 'other', proofs }),
      await codeOf({ ledger, proofs: proofs.slice(1) }),
      await codeOf({ ledger, proofs: [...proofs, proofs[0]] }),
    ]).toEqual(['Error: proof-of-another-ledger', 'Error: proof-in-part', 'Error: proof-too-long']);
  });
});
