import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * What passes between a client and PostgreSQL: the text of a piece, by whom it was sent, and which it is by that one.
 */
export interface Passing {
  readonly from: 'client' | 'server';
  /** Bytes as latin1. */
  readonly text: string;
}

/**
 * What becomes of a piece: it is passed on; the connection is cut before it is; or after it was, when the other end
 * has it. A promise holds the piece back until it is settled.
 */
export type Verdict = 'pass' | 'cut-before' | 'cut-after';

export interface CuttingProxy {
  /** The database's address, by way of the proxy. */
  readonly url: string;
  /** Asked of each piece that passes. */
  judge: (passing: Passing) => Verdict | Promise<Verdict>;
  /** Connections that were cut. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Stands between clients and the server of `url`, and cuts single connections where it is told to. */
export async function startCuttingProxy(url: string): Promise<CuttingProxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const both = [client, upstream];
    const cut = (): void => {
      for (const socket of both) socket.destroy();
    };
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    const pass = (from: Passing['from'], source: Socket, sink: Socket): void => {
      let turn = Promise.resolve();
      source.on('data', (piece: Buffer) => {
        turn = turn.then(async () => {
          const verdict = await proxy.judge({ from, text: piece.toString('latin1') });
          if (verdict === 'cut-before') {
            proxy.cuts += 1;
            return cut();
          }
          if (sink.destroyed) return;
          const written = new Promise<void>((resolve) => sink.write(piece, () => resolve()));
          if (verdict !== 'cut-after') return;
          await written;
          proxy.cuts += 1;
          // In order, so that what was passed on arrives before the end does.
          sink.end();
          source.destroy();
        });
      });
    };
    pass('client', client, upstream);
    pass('server', upstream, client);
  });
  const proxy = { url: '', cuts: 0, judge: (): Verdict => 'pass' } as {
    url: string;
    cuts: number;
    judge: CuttingProxy['judge'];
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(typeof address === 'object' ? address?.port : '');
  proxy.url = through.href;
  return Object.assign(proxy, {
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  });
}
