import { describe, expect, it } from 'vitest';
import { forwarding } from '../../rules/index.ts';

describe('isShownBy(): article 7, forwarding', () => {
  it('is shown by a leg that a forwarding of the line made', () => {
    expect(forwarding.isShownBy({ isForwarded: true, durationMs: 60_000 }, {})).toBe(true);
  });

  it('is not shown by a call that the user placed', () => {
    expect(forwarding.isShownBy({ isForwarded: false, durationMs: 60_000 }, {})).toBe(false);
  });
});
