import { connect, type Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';

/** A client that gets some of what a broker sends damaged, as by a failing disk. */
export interface DamagingClient {
  readonly kafka: Kafka;
  /** What is damaged from now on wherever it comes: by these bytes, of the same length; `null`: nothing. */
  damage(bytes: Buffer | null, by?: Buffer): void;
}

export function damagingClient(address: string): DamagingClient {
  let sought: Buffer | null = null;
  let replacement: Buffer = Buffer.alloc(0);
  const kafka = new Kafka({
    clientId: 'fairtally-test',
    brokers: address.split(','),
    logLevel: logLevel.NOTHING,
    socketFactory: ({ host, port, onConnect }) => {
      const socket = connect({ host, port }, onConnect);
      const emit = socket.emit.bind(socket);
      socket.emit = (event: string | symbol, ...args: unknown[]): boolean => {
        const [chunk] = args;
        if (event === 'data' && sought !== null && Buffer.isBuffer(chunk)) replaceAll(chunk, sought, replacement);
        return Reflect.apply(emit, socket, [event, ...args]) as boolean;
      };
      return socket as Socket;
    },
  });
  return {
    kafka,
    damage: (bytes, by = bytes === null ? Buffer.alloc(0) : Buffer.alloc(bytes.length, 0x2a)) => {
      sought = bytes;
      replacement = by;
    },
  };
}

function replaceAll(chunk: Buffer, sought: Buffer, by: Buffer): void {
  for (let at = chunk.indexOf(sought); at >= 0; at = chunk.indexOf(sought, at + sought.length)) by.copy(chunk, at);
}
