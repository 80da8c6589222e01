declare module 'lz4js' {
  /** What an LZ4 frame holds, as Kafka 0.10 and later writes it. */
  function decompress(frame: Uint8Array): Uint8Array;
  export { decompress };
}
