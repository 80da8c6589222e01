import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './servers/free-port.ts';

/** Stands between clients and a server, so that a test can cut their connections, those that are idle too. */
export interface ResettingProxy {
  /** `host:port` that clients connect to. */
  readonly address: string;
  /** Passes connections on to a server from now on; what comes before that is refused. */
  passOnTo(address: string): void;
  /** Cuts connections that are open, those that `isMeant` says; answers how many. Both ends see them reset. */
  cut(isMeant?: () => boolean): number;
  close(): void;
}

export async function startResettingProxy(): Promise<ResettingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let target: { readonly host: string; readonly port: number } | null = null;
  const server = createServer((client) => {
    client.on('error', ignore);
    if (target === null) return void client.resetAndDestroy();
    const onward = connect(target.port, target.host);
    const pair = [client, onward] as const;
    pairs.add(pair);
    const over = (): void => {
      pairs.delete(pair);
      client.destroy();
      onward.destroy();
    };
    onward.on('error', ignore);
    for (const end of pair) end.setNoDelay(true).on('close', over);
    client.pipe(onward).pipe(client);
  });
  const port = await freePort();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${port}`,
    passOnTo(address) {
      const at = address.lastIndexOf(':');
      target = { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
    },
    cut(isMeant = () => true) {
      const meant = [...pairs].filter(isMeant);
      for (const pair of meant) for (const end of pair) end.resetAndDestroy();
      return meant.length;
    },
    close() {
      server.close();
      for (const pair of pairs) for (const end of pair) end.destroy();
    },
  };
}

function ignore(): void {}
