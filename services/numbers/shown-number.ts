import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** A number in two forms: E.164, for programs, and one to read. Short codes have no E.164 form. */
export interface NumberData {
  readonly e164: string | null;
  readonly shown: string;
}

/** @param digits without a plus: `33612345678`, or a short code such as `3949` */
export function numberData(digits: string | number): NumberData {
  const text = String(digits);
  if (text.length < 7) return { e164: null, shown: text };
  const parsed = parsePhoneNumberFromString(`+${text}`);
  return { e164: `+${text}`, shown: parsed?.formatInternational() ?? `+${text}` };
}

/** Whether a number can be one, as libphonenumber has it: the country exists, and the length is one of its lengths. */
export function isPossibleNumber(digits: string | number): boolean {
  return parsePhoneNumberFromString(`+${String(digits)}`)?.isPossible() === true;
}
