import { callOf } from '../canonical/encode-canonical.ts';
import { bad, notACall, type Decoded } from '../format.ts';
import type { LegReading } from './leg-reading.ts';

/** A reading as a record that was decoded. */
export function decodedOf(reading: LegReading): Decoded {
  switch (reading.kind) {
    case 'call':
      return callOf(reading.content, reading.notes);
    case 'not-a-call':
      return reading.doubt === undefined
        ? notACall(reading.reason)
        : { ...notACall(reading.reason), doubt: reading.doubt };
    case 'bad':
      return bad(reading.reason, reading.detail);
  }
}
