import { acceptStarts as accept, type AcceptRequest, checkAccept } from '../../services/index.ts';
import type { PlaceOptions } from '../config.ts';
import { withLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { refusalError } from '../refusal-error.ts';
import { plural, showCount } from '../show-values.ts';
import { type Terminal, print } from '../terminal.ts';

export interface AcceptOptions extends PlaceOptions, Pick<AcceptRequest, 'by' | 'note'> {}

/** `fairtally quarantine accept NO…`: a person says that the starts of records are right though implausible. */
export async function acceptStarts(nos: readonly string[], options: AcceptOptions, terminal: Terminal): Promise<void> {
  const { by, note } = options;
  const request: AcceptRequest = { records: nos, by, note };
  const fault = checkAccept(request);
  if (fault !== null) throw refusalError(fault);
  await withLedger(options, terminal, async (ledger) => {
    const answer = await accept(ledger, request);
    if (answer.kind === 'refused') throw refusalError(answer);
    const { accepted, rated } = answer;
    const waiting = accepted - rated;
    print(
      terminal,
      `${plural(accepted, 'start')} accepted by ${by}: ${plural(rated, 'call')} rated` +
        (waiting === 0
          ? ''
          : `, ${showCount(waiting)} not: '${PROGRAM} quarantine show NO' says why, if it still waits`),
    );
  });
}
