import { expect, it } from 'vitest';
import { showCase } from '../../../services/index.ts';
import { call, lineOf, MOBILE, smallLedger } from '../small-ledger.ts';
import { openLedgerServer } from '../../support/ledger-server.ts';

it('showCase() shows a case that was withdrawn: its calls and its history, nothing found and nothing to decide', async () => {
  const server = await openLedgerServer('postgres');
  const { ledger, access } = await smallLedger(server);
  const line = lineOf('L9');
  const withPbx = { ...line, spans: line.spans.map((span) => ({ ...span, equipment: 'customer-pbx' as const })) };
  await ledger.provision([withPbx]);
  await ledger.deliver([call('a', MOBILE, undefined, 'L9')]);
  const wanted = { line: 'L9', period: '2026-11' };
  expect(await showCase(access, wanted)).toMatchObject({ summary: { caseState: 'open', breaches: [{}] } });
  await ledger.provision([line]);
  await access.engine.catchUp();
  const shown = await showCase(access, wanted);
  expect(shown).toMatchObject({ kind: 'case', summary: { caseState: 'withdrawn', breaches: [] }, outcomes: [] });
  if (shown.kind === 'refused') throw new Error(shown.code);
  expect(shown.history.verdicts.map(({ event }) => event)).toEqual(['breach-found', 'breach-withdrawn']);
  expect(shown.days).toHaveLength(1);
  expect(await showCase(access, { line: 'L1', period: '2026-11' })).toMatchObject({ code: 'case-unknown' });
  await server.close();
});
