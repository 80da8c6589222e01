import { describe, expect, it } from 'vitest';
import { answerWithin } from '../../operating/retry-forever.ts';

describe('answerWithin()', () => {
  it('answers, fails as the work does, or fails when nothing comes', async () => {
    expect(await answerWithin(60_000, 'ask', Promise.resolve(7))).toBe(7);
    await expect(answerWithin(60_000, 'ask', Promise.reject(new Error('away')))).rejects.toThrow('away');
    const never = new Promise<never>(() => {});
    await expect(answerWithin(20, 'ask Kafka', never)).rejects.toThrow(
      'Cannot ask Kafka: no answer came within 0.02 s',
    );
  });
});
