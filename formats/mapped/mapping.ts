import { compileCivilTime, isTimeZone } from '../../tariffs/index.ts';
import { isJsonObject, parseJson } from '../canonical/canonical-json.ts';
import { quote } from '../canonical/canonical-fields.ts';
import { notACallReasons, type NotACallReason } from '../format.ts';
import type { LocalClock } from '../reading/local-clock.ts';
import { compileTimePattern, type TimePattern } from './time-pattern.ts';

/** How the records of a switch that has no format of its own are read: which of its fields says what. */
export interface Mapping {
  readonly form: 'csv' | 'json';
  /** Names of the columns of a CSV without a header; `null` where its first line names them. */
  readonly columns: readonly string[] | null;
  readonly clock: LocalClock | null;
  /** For each part of a call the fields that say it, in this order. */
  readonly fields: Readonly<Record<MappedText, readonly string[]>>;
  readonly answered: MappedTime;
  readonly ended: MappedTime | null;
  readonly duration: MappedDuration | null;
  /** Records that are no calls, by reason; the first that fits counts. */
  readonly noCalls: readonly (MappedTest & { readonly reason: NotACallReason })[];
  /** What a call's record must say: one that says otherwise, and is none of `noCalls`, waits. */
  readonly calls: readonly MappedTest[];
}

const TEXTS = [
  'switch',
  'call',
  'leg',
  'line',
  'to',
  'from',
  'trunk',
  'ua',
  'ip',
  'diversions',
  'transferredBy',
] as const;
export type MappedText = (typeof TEXTS)[number];

export interface MappedTime {
  readonly field: string;
  readonly pattern: TimePattern | null;
}

const UNITS = ['s', 'ms', 'us', 'hh:mm:ss'] as const;
export interface MappedDuration {
  readonly field: string;
  readonly unit: (typeof UNITS)[number];
}

/** A field, and the values of it for which the test holds; `''` for an absent or empty one. */
export interface MappedTest {
  readonly field: string;
  readonly is: readonly string[];
}

const KEYS = ['form', 'columns', 'zone', ...TEXTS, 'answered', 'ended', 'duration', 'calls', 'noCalls'];

export type ReadMapping = { readonly mapping: Mapping } | { readonly faults: readonly string[] };

/** Checks a mapping, the text of the file `name`; all its faults at once, each with its field and value. */
export function readMapping(text: string, name: string): ReadMapping {
  const value = parseJson(text);
  if (!isJsonObject(value)) return { faults: [`Cannot use mapping '${name}': it is not a JSON object`] };
  const check = new Check(value, name);
  const mapping = check.mapping();
  return check.faults.length > 0 ? { faults: check.faults } : { mapping };
}

/** One pass over a mapping, which gathers its faults. */
class Check {
  readonly faults: string[] = [];
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #name: string;

  constructor(value: Readonly<Record<string, unknown>>, name: string) {
    this.#value = value;
    this.#name = name;
  }

  mapping(): Mapping {
    for (const key of Object.keys(this.#value)) {
      if (!KEYS.includes(key))
        this.#fault(key, this.#value[key], `no field of a mapping; those are ${KEYS.join(', ')}`);
    }
    const fields = Object.fromEntries(TEXTS.map((key) => [key, this.#names(key)])) as Record<MappedText, string[]>;
    for (const key of ['call', 'to'] as const) if (fields[key].length === 0) this.#missing(key);
    if (fields.line.length + fields.diversions.length + fields.transferredBy.length === 0) this.#missing('line');
    const ended = this.#time('ended');
    const duration = this.#duration();
    if (ended === null && duration === null && !this.#has('duration') && !this.#has('ended')) this.#missing('duration');
    const answered = this.#time('answered');
    if (answered === null && !this.#has('answered')) this.#missing('answered');
    return {
      form: this.#form(),
      columns: this.#columns(),
      clock: this.#clock(),
      fields,
      answered: answered ?? { field: '', pattern: null },
      ended,
      duration,
      noCalls: this.#tests('noCalls').map((test) => ({ ...test, reason: this.#reason(test.value) })),
      calls: this.#tests('calls'),
    };
  }

  #has(key: string): boolean {
    return Object.hasOwn(this.#value, key);
  }

  #fault(key: string, value: unknown, problem: string): void {
    this.faults.push(`Cannot use mapping '${this.#name}': field '${key}' is ${quote(value)}, ${problem}`);
  }

  #missing(key: string): void {
    this.faults.push(`Cannot use mapping '${this.#name}': field '${key}' is missing`);
  }

  #form(): 'csv' | 'json' {
    const form = this.#value['form'];
    if (form === 'csv' || form === 'json') return form;
    this.#fault('form', form, "neither 'csv' nor 'json'");
    return 'csv';
  }

  #columns(): readonly string[] | null {
    const columns = this.#value['columns'];
    if (columns === undefined) return null;
    if (isTexts(columns) && new Set(columns).size === columns.length && this.#value['form'] === 'csv') return columns;
    this.#fault('columns', columns, 'no list of different column names, which a CSV without a header needs');
    return null;
  }

  #clock(): LocalClock | null {
    const zone = this.#value['zone'];
    if (zone === undefined) return null;
    if (typeof zone === 'string' && isTimeZone(zone)) return compileCivilTime(zone);
    this.#fault('zone', zone, "no time zone of the IANA list, such as 'Europe/Paris'");
    return null;
  }

  #names(key: MappedText): string[] {
    const value = this.#value[key];
    if (value === undefined) return [];
    if (typeof value === 'string' && value !== '') return [value];
    if (isTexts(value)) return value;
    this.#fault(key, value, 'neither the name of a field nor a list of names');
    return [];
  }

  #time(key: 'answered' | 'ended'): MappedTime | null {
    const value = this.#value[key];
    if (value === undefined) return null;
    if (typeof value === 'string' && value !== '') return { field: value, pattern: null };
    if (isJsonObject(value) && typeof value['field'] === 'string' && typeof value['format'] === 'string') {
      const pattern = compileTimePattern(value['format']);
      if (pattern !== null) return { field: value['field'], pattern };
      this.#fault(
        `${key}.format`,
        value['format'],
        "not made of YYYY, MM, DD, hh, mm, ss, SSS, such as 'DD.MM.YYYY hh:mm:ss'",
      );
      return null;
    }
    this.#fault(key, value, `neither the name of a field nor {"field": …, "format": …}`);
    return null;
  }

  #duration(): MappedDuration | null {
    const value = this.#value['duration'];
    if (value === undefined) return null;
    const unit = isJsonObject(value) ? UNITS.find((one) => one === value['unit']) : undefined;
    if (isJsonObject(value) && typeof value['field'] === 'string' && unit !== undefined)
      return { field: value['field'], unit };
    this.#fault('duration', value, `not {"field": …, "unit": …} with a unit of ${UNITS.join(', ')}`);
    return null;
  }

  #tests(key: 'calls' | 'noCalls'): (MappedTest & { readonly value: Readonly<Record<string, unknown>> })[] {
    const value = this.#value[key];
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.#fault(key, value, 'no list');
      return [];
    }
    return value.flatMap((test: unknown) => {
      if (isJsonObject(test) && typeof test['field'] === 'string' && isTexts(test['is'])) {
        return [{ field: test['field'], is: test['is'], value: test }];
      }
      this.#fault(key, test, `not {"field": …, "is": ["…"]}`);
      return [];
    });
  }

  #reason(test: Readonly<Record<string, unknown>>): NotACallReason {
    const reason = notACallReasons.find((one) => one === test['reason']);
    if (reason === undefined) this.#fault('noCalls.reason', test['reason'], `none of ${notACallReasons.join(', ')}`);
    return reason ?? 'other-event';
  }
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item: unknown) => typeof item === 'string');
}
