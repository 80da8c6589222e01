import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AsteriskSaid, NOTHING_SAID, evidenceOf, saidOf } from '../../../formats/asterisk/asterisk-said.ts';

/** The same as JSON of an object: a leg is told from another by it, so that it must never change. */
function plainEvidence(said: AsteriskSaid): string {
  const kept = Object.keys(NOTHING_SAID).concat('inside', 'identity', 'until', 'cel') as (keyof AsteriskSaid)[];
  const saysNothing = (name: keyof AsteriskSaid): boolean => {
    const value = said[name];
    if (name === 'channel' || name === 'disposition') return false;
    if (name === 'extension' || name === 'userAgent' || name === 'sourceIp') return value === null;
    if (name === 'begunAt' || name === 'answeredAt') return value === null;
    if (name === 'sent' || name === 'notes') return Array.isArray(value) && value.length === 0;
    return name === 'inside' || name === 'until' || name === 'identity' || name === 'cel'
      ? value === undefined
      : !value;
  };
  return JSON.stringify(
    Object.fromEntries(kept.filter((name) => !saysNothing(name)).map((name) => [name, said[name]])),
  );
}

const text = fc.oneof(fc.constant(''), fc.string({ unit: 'binary' }), fc.constantFrom('"', '\\', '\u2028', '\ud800'));
const instant = fc.option(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }));
const says = fc.record<AsteriskSaid>(
  {
    account: text,
    src: text,
    dst: text,
    channel: text,
    dstchannel: text,
    app: text,
    data: text,
    disposition: text,
    billsec: text,
    fromTrunk: fc.boolean(),
    toTrunk: fc.boolean(),
    extension: fc.option(text),
    isPrefixKnown: fc.boolean(),
    sent: fc.array(text, { maxLength: 3 }),
    isCut: fc.boolean(),
    begunAt: instant,
    answeredAt: instant,
    durationMs: fc.nat(),
    notes: fc.constantFrom([], ['clock-jump']),
    fault: fc.option(fc.record({ reason: fc.constant('invalid-field' as const), detail: text })),
    diverter: text,
    userAgent: fc.option(text),
    sourceIp: fc.option(text),
    inside: fc.array(text, { maxLength: 2 }),
    identity: fc.record({ callId: text, legId: text }),
    until: fc.nat(),
  },
  {
    requiredKeys: Object.keys(NOTHING_SAID) as (keyof AsteriskSaid)[],
    noNullPrototype: true,
  },
);

test('evidence is JSON of what a row says, in one order, and is read back as it was', () => {
  fc.assert(
    fc.property(says, (said) => {
      const evidence = evidenceOf(said);
      expect(evidence).toBe(plainEvidence(said));
      expect(saidOf(evidence)).toEqual({ ...said });
    }),
  );
});
