import net, { connect, type Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';

/** A client that gets some of what a broker sends damaged, as by a failing disk. */
export interface DamagingClient {
  readonly kafka: Kafka;
  /** What is damaged from now on wherever it comes: by these bytes, of the same length; `null`: nothing. */
  damage(bytes: Buffer | null, by?: Buffer): void;
}

export function damagingClient(address: string): DamagingClient {
  const damage = new Damage();
  const kafka = new Kafka({
    clientId: 'fairtally-test',
    brokers: address.split(','),
    logLevel: logLevel.NOTHING,
    socketFactory: ({ host, port, onConnect }) => damage.on(connect({ host, port }, onConnect)),
  });
  return { kafka, damage: (bytes, by) => damage.set(bytes, by) };
}

/** The same for every client of this process that connects meanwhile: a command makes one of its own. */
export async function whileDamaged<T>(bytes: Buffer, work: () => Promise<T>): Promise<T> {
  const damage = new Damage();
  damage.set(bytes);
  // As kafkajs calls it.
  net.connect = ((...args: unknown[]) => damage.on(Reflect.apply(connect, net, args))) as typeof connect;
  try {
    return await work();
  } finally {
    net.connect = connect;
  }
}

class Damage {
  #sought: Buffer | null = null;
  #replacement: Buffer = Buffer.alloc(0);

  set(bytes: Buffer | null, by: Buffer = Buffer.alloc(bytes?.length ?? 0, 0x2a)): void {
    this.#sought = bytes;
    this.#replacement = by;
  }

  on(socket: Socket): Socket {
    const emit = socket.emit.bind(socket);
    socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
      const [chunk] = args;
      const isData = event === 'data' && Buffer.isBuffer(chunk);
      if (isData && this.#sought !== null) replaceAll(chunk, this.#sought, this.#replacement);
      return Reflect.apply(emit, socket, [event, ...args]) as boolean;
    };
    return socket;
  }
}

function replaceAll(chunk: Buffer, sought: Buffer, by: Buffer): void {
  for (let at = chunk.indexOf(sought); at >= 0; at = chunk.indexOf(sought, at + sought.length)) by.copy(chunk, at);
}
