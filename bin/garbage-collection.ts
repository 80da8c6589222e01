import { setFlagsFromString } from 'node:v8';

/** Versions of V8 that know the flags: another would complain of it on stderr. Node.js 24 has 13.6. */
const KNOWN_TO = /^13\./;

/**
 * Has buffers counted with the rest of the heap when the next full collection is due. Without it V8 marks the whole
 * heap once in 64 MB of buffers, however large it is: with 50,000 lines, eight times in a million records, which took
 * a quarter of the CPU ([0015](../docs/decisions/0015-buffers-count-with-the-heap.md)). To be called first of all.
 */
export function countBuffersWithTheHeap(): void {
  setFlags('--external-memory-accounted-in-global-limit');
}

/**
 * Has little memory taken rather than all that is there, for a few hundred thousand calls of some hundred lines. To be
 * called before an embedded database is opened.
 *
 * Buffers are collected once in 64 MB, since the heap to mark for it is small. And V8 does not compile WebAssembly a
 * second time: for one function of PGlite's that takes 600 MB for a moment, and all of it takes as much CPU as it
 * spares in a month of 180,000 calls (docs/performance.md).
 */
export function saveMemory(): void {
  setFlags('--no-external-memory-accounted-in-global-limit', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering');
}

function setFlags(...flags: readonly string[]): void {
  if (KNOWN_TO.test(process.versions.v8)) for (const flag of flags) setFlagsFromString(flag);
}
