declare module 'lz4js' {
  export function compress(bytes: Uint8Array, maxSize?: number): Uint8Array;
}
