/** How the tests come by a server: one that the environment names, one in a container, one started on this machine. */
export type ServerWay = 'environment' | 'containers' | 'local';

/** What a way answers where it can't be gone, so that the next one is tried. Any other error ends the run. */
export class WayClosed extends Error {
  override readonly name = 'WayClosed';
}

/** A server's name, what to install to have it, and how to come by it. */
export interface ServerKind<S> {
  readonly name: string;
  readonly toInstall: string;
  readonly ways: Readonly<Record<ServerWay, () => Promise<S>>>;
}

/** The ways to try, in order: all three, or the one that `TEST_SERVERS` (`containers`, `local`) forces. */
export function serverWays(): readonly ServerWay[] {
  const forced = process.env['TEST_SERVERS'] ?? '';
  if (forced === '') return ['environment', 'containers', 'local'];
  if (forced === 'containers' || forced === 'local') return [forced];
  throw new Error(`Cannot use TEST_SERVERS '${forced}': it must be 'containers' or 'local'`);
}

/** The same for tests that stop and kill their servers: never one that the environment names. */
export function ownServerWays(): readonly ServerWay[] {
  return serverWays().filter((way) => way !== 'environment');
}

/** The server of the first way that is open. Fails, with what to install, when none is: tests are never skipped. */
export async function firstServer<S>(kind: ServerKind<S>, ways: readonly ServerWay[]): Promise<S> {
  const closed: string[] = [];
  for (const way of ways) {
    try {
      return await kind.ways[way]();
    } catch (cause) {
      if (!(cause instanceof WayClosed)) throw new Error(`Cannot start ${kind.name} (${way})`, { cause });
      closed.push(`${way}: ${cause.message}`);
    }
  }
  throw new Error([`Cannot test against ${kind.name}. ${kind.toInstall}`, ...closed].join('\n  '));
}
