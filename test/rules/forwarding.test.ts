import { describe, expect, it } from 'vitest';
import { showsForwarding } from '../../rules/index.ts';
import { callFacts } from './call-facts-for-test.ts';

describe('showsForwarding(): article 7, forwarding', () => {
  it('is shown by a leg that a forwarding of the line made', () => {
    expect(showsForwarding(callFacts({ isForwarded: true }))).toBe(true);
  });

  it('is not shown by a call that the user placed', () => {
    expect(showsForwarding(callFacts({ isForwarded: false }))).toBe(false);
  });
});
