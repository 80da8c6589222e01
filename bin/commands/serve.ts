import { buildServer, peopleBy } from '../../api/index.ts';
import { consolePages } from '../../console/index.ts';
import { readApiSettings } from '../api-settings.ts';
import { keepCaughtUp } from '../catch-up.ts';
import { printFirstKey } from '../first-key.ts';
import { tellWebhooks } from '../tell-webhooks.ts';
import { CommandError, usageError } from '../command-error.ts';
import type { PlaceOptions } from '../config.ts';
import { runUntilStopped } from '../long-running.ts';
import { withLedger } from '../open-ledger.ts';
import { openLog } from '../open-log.ts';
import { readServeMappings } from '../serve-mappings.ts';
import { systemFault } from '../system-fault.ts';
import { type Terminal, notify, print } from '../terminal.ts';
import { versionOfProject } from '../version-of-project.ts';

export interface ServeOptions extends PlaceOptions {
  readonly host?: string;
  readonly port?: string;
  /** `NAME=FILE`: what a post means by `?mapping=NAME`. */
  readonly mapping?: readonly string[];
}

const DEFAULT_PORT = '8080';

/** `fairtally serve`: the API, until it is told to stop. On the embedded ledger nothing else needs to run. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<void> {
  const { host = '127.0.0.1', port: portText = DEFAULT_PORT } = options;
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 65_536;
  if (port > 65_535) throw usageError(`Cannot use --port '${portText}': it must be a number from 0 to 65535`);
  const mappings = readServeMappings(options.mapping ?? [], terminal.folder);
  const log = openLog(terminal);
  const pages = await consolePages();
  if (pages.kind === 'missing') notify(terminal, pages.why);
  await runUntilStopped(options, terminal, log, () =>
    withLedger(
      options,
      terminal,
      async (ledger) => {
        const { people, webhooks, traces } = readApiSettings(terminal, ledger.place);
        const lettingIn = people === null ? null : peopleBy(people);
        const app = await buildServer({
          ledger,
          log,
          version: versionOfProject(),
          people: lettingIn,
          consoleFolder: pages.kind === 'built' ? pages.folder : null,
          webhooks,
          traces,
          mappings,
        });
        try {
          await app.listen({ host, port }).catch((error: unknown) => {
            throw new CommandError(systemFault(error) ?? `Cannot listen on '${host}', port ${port}`);
          });
          print(
            terminal,
            `The console and the API are at ${app.listeningOrigin}: 'fairtally keys create' makes a key for them`,
          );
          // The API is there for programs, whoever lets people in.
          lettingIn?.ready().catch((error: unknown) => log.warn({ err: error }, 'nobody lets people in'));
          await printFirstKey(ledger, terminal);
          const { signal } = terminal;
          await Promise.all([tellWebhooks(ledger.db, webhooks, log, signal), keepCaughtUp(ledger.engine, log, signal)]);
        } finally {
          await app.close();
        }
      },
      { waits: false },
    ),
  );
}
