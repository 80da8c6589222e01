import { expect, it } from 'vitest';
import { ByteBudget } from '../../api/byte-budget.ts';

it('gives room to requests, more to those that need more, and takes all of it back', () => {
  const budget = new ByteBudget(100);
  const one = budget.reserve(10);
  const two = budget.reserve(60);
  expect(budget.reserve(31)).toBeNull();
  expect(one?.growTo(41)).toBe(false);
  expect([one?.growTo(40), one?.growTo(5)]).toEqual([true, true]);
  expect(budget.reserve(1)).toBeNull();
  one?.release();
  one?.release();
  expect(budget.reserve(41)).toBeNull();
  two?.release();
  expect(budget.reserve(100)).not.toBeNull();
});
