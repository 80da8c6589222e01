import type { Random } from './random.ts';

/** Draws the talk time of an answered call, whole ms, at least 1. */
export type DrawDuration = (random: Random) => number;

/** Two hours: the limiter of the switch. */
const MAX_CALL_MS = 7_200_000;

/**
 * Holding times are lognormal mixtures rather than exponential (published measurements of fixed and VoIP calls): most
 * calls talk, some are long, one in ten meets a voicemail or a wrong number.
 */
export const officeDuration: DrawDuration = (random) => {
  const kind = random.fraction();
  if (kind < 0.7) return toMs(random.lognormal(75, 1));
  return toMs(kind < 0.9 ? random.lognormal(240, 0.9) : random.lognormal(8, 0.7));
};

export const homeDuration: DrawDuration = (random) => {
  const kind = random.fraction();
  if (kind < 0.6) return toMs(random.lognormal(90, 1.1));
  return toMs(kind < 0.9 ? random.lognormal(420, 0.9) : random.lognormal(6, 0.7));
};

/** Long enough never to be short (6 s), short enough that hundreds fit into a month. */
export const talkDuration: DrawDuration = (random) =>
  Math.max(7000, Math.min(toMs(random.lognormal(75, 0.8)), 900_000));

/** International calls are hyperexponential rather than lognormal. */
export const internationalDuration: DrawDuration = (random) =>
  Math.max(7000, toMs(random.exponential(random.chance(0.6) ? 60 : 600)));

/** Numbers called for their revenue are held for a few minutes, all much alike. */
export const fraudDuration: DrawDuration = (random) => toMs(random.between(150, 600));

function toMs(seconds: number): number {
  return Math.min(Math.max(1, Math.round(seconds * 1000)), MAX_CALL_MS);
}
