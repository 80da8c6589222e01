import { pino } from 'pino';
import { buildServer } from '../../api/index.ts';
import { versionOfProject } from '../../bin/version-of-project.ts';
import { SCOPES, createApiKey } from '../../services/index.ts';
import { type SmallLedger, smallLedger } from '../services/small-ledger.ts';
import { type LedgerServer, openLedgerServer } from '../support/ledger-server.ts';

export interface RunningApi extends SmallLedger {
  readonly app: Awaited<ReturnType<typeof buildServer>>;
  /** Where it listens: `http://127.0.0.1:…`. */
  readonly url: string;
  /** Lines of its log, as they came. */
  readonly log: string[];
  /** A key that may do everything. */
  readonly key: string;
  makeKey(scopes: readonly string[], more?: { account?: string; expiresAt?: number }): Promise<string>;
  close(): Promise<void>;
}

/** The API on a small ledger, listening. */
export async function runningApi(
  more: Partial<Parameters<typeof buildServer>[0]> = {},
  server: LedgerServer | null = null,
): Promise<RunningApi> {
  const own = server ?? (await openLedgerServer('postgres'));
  const small = await smallLedger(own);
  const log: string[] = [];
  const app = await buildServer({
    ledger: small.access,
    log: pino({ base: null }, { write: (line: string) => void log.push(line) }),
    version: versionOfProject(),
    ...more,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const makeKey: RunningApi['makeKey'] = async (scopes, asked = {}) => {
    const made = await createApiKey(small.ledger.db, { name: 'test', scopes, by: 'test', ...asked });
    if (made.kind === 'refused') throw new Error(made.code);
    return made.key;
  };
  return {
    ...small,
    app,
    log,
    url: app.listeningOrigin,
    key: await makeKey(SCOPES),
    makeKey,
    close: async () => {
      await app.close();
      if (server === null) await own.close();
    },
  };
}
