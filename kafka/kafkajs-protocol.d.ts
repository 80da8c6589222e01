/**
 * The parts of kafkajs 2.2.4 that write and read requests of our own; its package names no exports, so they can be
 * had.
 */
declare module 'kafkajs/src/protocol/encoder.js' {
  class Encoder {
    writeInt8(value: number): this;
    writeBoolean(value: boolean): this;
    writeUVarInt(value: number): this;
    writeUVarIntString(value: string): this;
    writeBuffer(value: Buffer): this;
  }
  export = Encoder;
}
declare module 'kafkajs/src/protocol/decoder.js' {
  class Decoder {
    constructor(buffer: Buffer);
    readInt16(): number;
    readInt32(): number;
    readBoolean(): boolean;
    readUVarInt(): number;
    readUVarIntString(): string | null;
    readUVarIntArray<T>(reader: (decoder: this) => T): T[] | null;
    readTaggedFields(): unknown;
    readBytes(length: number): Buffer;
  }
  export = Decoder;
}
