/** A stretch of time in which clocks and months do something: instants are ms since the epoch. */
export interface Season {
  readonly name: string;
  readonly periods: readonly number[];
  /** Instants around which calls start and at which facts change; the first are the busy ones. */
  readonly landmarks: readonly number[];
}

function season(name: string, periods: readonly number[], landmarks: readonly string[]): Season {
  return { name, periods, landmarks: landmarks.map((text) => Date.parse(text)) };
}

/** Month ends in Europe/Paris, both DST changes, a leap day, a year's end. */
export const SEASONS: readonly Season[] = [
  season(
    'spring change',
    [202603, 202604],
    [
      '2026-03-16T09:00:00Z',
      '2026-03-29T01:00:00Z', // 02:00 becomes 03:00
      '2026-03-31T22:00:00Z', // midnight, summer time
      '2026-03-10T13:30:00Z',
      '2026-04-15T08:00:00Z',
      '2026-02-28T23:00:00Z', // midnight, winter time
    ],
  ),
  season(
    'autumn change',
    [202610, 202611],
    [
      '2026-10-16T09:00:00Z',
      '2026-10-25T01:00:00Z', // 03:00 becomes 02:00
      '2026-10-31T23:00:00Z', // midnight, winter time
      '2026-10-25T00:00:00Z',
      '2026-11-15T08:00:00Z',
      '2026-09-30T22:00:00Z', // midnight, summer time
    ],
  ),
  season(
    'leap day',
    [202802, 202803],
    [
      '2028-02-16T09:00:00Z',
      '2028-02-28T23:00:00Z', // 29 February begins
      '2028-02-29T23:00:00Z', // 1 March begins
      '2028-02-29T12:00:00Z',
      '2028-03-15T08:00:00Z',
      '2028-01-31T23:00:00Z',
    ],
  ),
  season(
    'year end',
    [202612, 202701],
    [
      '2026-12-16T09:00:00Z',
      '2026-12-24T18:00:00Z',
      '2026-12-31T23:00:00Z', // 1 January begins
      '2027-01-01T00:00:00Z',
      '2027-01-15T08:00:00Z',
      '2026-11-30T23:00:00Z',
    ],
  ),
];

/** Before everything: facts that hold from the beginning hold from here. */
export const BEGINNING = Date.parse('2020-01-01T00:00:00Z');
