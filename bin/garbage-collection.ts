import { setFlagsFromString } from 'node:v8';

/** Versions of V8 that know the flag: another would complain of it on stderr. Node.js 24 has 13.6. */
const KNOWN_TO = /^13\./;

/**
 * Has buffers counted with the rest of the heap when the next full collection is due. Without it V8 marks the whole
 * heap once in 64 MB of buffers, however large it is: with 50,000 lines, eight times in a million records, which took
 * a quarter of the CPU ([0015](../docs/decisions/0015-buffers-count-with-the-heap.md)). To be called first of all.
 */
export function countBuffersWithTheHeap(): void {
  if (KNOWN_TO.test(process.versions.v8)) setFlagsFromString('--external-memory-accounted-in-global-limit');
}
