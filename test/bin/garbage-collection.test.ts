import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const GARBAGE_COLLECTION = new URL('../../bin/garbage-collection.ts', import.meta.url).href;

describe('what V8 is asked', () => {
  it.each(['countBuffersWithTheHeap', 'saveMemory'])('%s() asks it for what it knows, and does not fail', (name) => {
    const script = `(await import('${GARBAGE_COLLECTION}')).${name}(); console.log('asked')`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'asked\n', stderr: '' });
  });
});
