declare module 'lz4js' {
  /** What an LZ4 frame holds, as Kafka 0.10 and later writes it. */
  const lz4: { decompress(this: void, frame: Uint8Array): Uint8Array };
  export default lz4;
}
