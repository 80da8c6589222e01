import { beforeEach, describe, expect, it } from 'vitest';
import { UnratedAge } from '../../../ingest/kafka/unrated-age.ts';

const NOW = 1_800_000_000_000;
let now: number;
let age: UnratedAge;
beforeEach(() => {
  now = NOW;
  age = new UnratedAge(() => now);
});

describe('UnratedAge', () => {
  it('is 0 while nothing waits', () => {
    expect(age.seconds()).toBe(0);
    age.at(10, 10);
    now += 60_000;
    expect(age.seconds()).toBe(0);
  });

  it('is that of the first message that is not taken in, by its timestamp', () => {
    age.at(10, 30);
    age.fetched(20, NOW - 90_000, NOW - 70_000);
    age.fetched(30, NOW - 60_000, NOW - 50_000);
    expect(age.seconds()).toBe(90);
    age.at(20, 30);
    expect(age.seconds()).toBe(60);
    now += 5_000;
    expect(age.seconds()).toBe(65);
    age.at(30, 30);
    expect(age.seconds()).toBe(0);
  });

  it('counts what is not fetched yet from the last that was taken in, or since nothing was left', () => {
    age.at(10, 10);
    now += 10_000;
    age.at(10, 25);
    now += 3_000;
    expect(age.seconds()).toBe(13);
    age.fetched(20, now - 2_000, now - 1_000);
    age.at(20, 25);
    expect(age.seconds()).toBe(1);
  });

  it('begins anew where messages are fetched once more', () => {
    age.at(10, 30);
    age.fetched(20, NOW - 90_000, NOW - 80_000);
    age.fetched(15, NOW - 90_000, NOW - 85_000);
    age.fetched(30, NOW - 79_000, NOW - 70_000);
    age.at(15, 30);
    expect(age.seconds()).toBe(79);
  });

  it.each([-1, 0, NOW + 400_000_000_000, Number.NaN])('takes the timestamp %d for that of its coming', (timestamp) => {
    age.at(10, 30);
    age.fetched(30, timestamp, timestamp);
    now += 7_000;
    expect(age.seconds()).toBe(7);
  });
});
