import { createAsteriskCel, readCelHeader } from '../asterisk/asterisk-cel.ts';
import { create3cxCsv } from '../pbx/3cx-csv.ts';
import { createBroadWorksCsv } from '../pbx/broadworks-csv.ts';
import { createCucmCsv } from '../pbx/cucm-csv.ts';
import type { Format, FormatId } from '../format.ts';
import { createFreeSwitchCsv } from '../freeswitch/freeswitch-csv.ts';
import { createJambonzJson } from '../pbx/jambonz-json.ts';
import { createAccRows, createKamailioJson } from '../proxies/kamailio.ts';
import { createKazooJson } from '../pbx/kazoo-json.ts';
import type { LocalClock } from '../reading/local-clock.ts';
import { createMapped } from '../mapped/mapped.ts';
import type { Mapping } from '../mapped/mapping.ts';
import { createOpenSipsEvent, createOpenSipsJson } from '../proxies/opensips.ts';
import type { SwitchSettings } from '../call/told-call.ts';
import { registrations } from '../registrations/registrations.ts';
import { createYeastarCsv } from '../pbx/yeastar-csv.ts';
import { compileCivilTime } from '../../tariffs/index.ts';

/** What people say of a switch whose records stand alone, whichever it is: each format takes what it asks for. */
export interface ToldOptions extends SwitchSettings {
  readonly switchId?: string;
  readonly clock?: LocalClock;
  readonly trunks?: readonly string[];
  readonly gateways?: readonly string[];
  readonly profiles?: readonly string[];
  readonly lineFrom?: readonly string[];
  readonly numberFrom?: readonly string[];
  readonly userAgentFrom?: readonly string[];
  readonly sourceIpFrom?: readonly string[];
  readonly durationFrom?: 'answer' | 'invite';
  readonly extraColumns?: readonly string[];
  readonly mapping?: Mapping;
}

/** A format set up for one stream, and whether its first line is a header; or what is wrong, in words. */
export type ToldFormat =
  { readonly format: Format; readonly isHeaded: boolean } | { readonly missing: string } | { readonly problem: string };

/** Formats whose records are read by names that the first line of a stream gives, or may give. */
export const HEADED_FORMATS: readonly FormatId[] = ['canonical-csv', 'cucm-csv', 'yeastar-csv', 'mapped'];

/** Sets up one of the formats whose records stand alone; `null` for the others. `firstLine` is of the stream. */
export function openTold(id: FormatId, firstLine: string, options: ToldOptions): ToldFormat | null {
  const { switchId = '', clock, trunks = [], mapping } = options;
  switch (id) {
    case 'asterisk-cel': {
      if (switchId === '') return NEEDS_SWITCH;
      const isHeaded = readCelHeader(firstLine) !== null;
      return { format: createAsteriskCel({ switchId }, isHeaded ? firstLine : null), isHeaded };
    }
    case 'freeswitch-csv':
      if (switchId === '' || clock === undefined) return NEEDS_CLOCK;
      return single(createFreeSwitchCsv({ ...options, switchId, clock }));
    case 'kamailio-json':
      return switchId === '' ? NEEDS_SWITCH : single(createKamailioJson({ ...options, switchId }));
    case 'kamailio-acc':
      if (switchId === '' || options.extraColumns === undefined) return NEEDS_COLUMNS;
      return single(createAccRows({ ...options, switchId }));
    case 'opensips-json':
      return switchId === '' ? NEEDS_SWITCH : single(createOpenSipsJson({ ...options, switchId }));
    case 'opensips-event':
      return switchId === '' ? NEEDS_SWITCH : single(createOpenSipsEvent({ ...options, switchId }));
    case 'cucm-csv':
      return trunks.length === 0 ? NEEDS_TRUNKS : headed(createCucmCsv(firstLine, { ...options, trunks }));
    case 'broadworks-csv':
      return single(createBroadWorksCsv(options));
    case '3cx-csv':
      return single(create3cxCsv({ ...options, clock: clock ?? compileCivilTime('UTC') }));
    case 'yeastar-csv':
      if (switchId === '' || clock === undefined) return NEEDS_CLOCK;
      return headed(createYeastarCsv(firstLine, { ...options, switchId, clock }));
    case 'kazoo-json':
      return single(createKazooJson(options));
    case 'jambonz-json':
      return single(createJambonzJson(options));
    case 'registrations':
      return single(registrations);
    case 'mapped': {
      if (mapping === undefined) return { missing: 'a mapping says how its records are read, and none is given' };
      const format = createMapped(firstLine, { ...options, mapping });
      return mapping.form === 'csv' && mapping.columns === null ? headed(format) : alone(format);
    }
    default:
      return null;
  }
}

const NEEDS_SWITCH = { missing: 'its records do not say which switch wrote them: name it (switch)' };
const NEEDS_COLUMNS = {
  missing:
    'its rows need the name of their switch, and those of the columns after the first seven (switch, extra-column)',
};
const NEEDS_CLOCK = { missing: 'its records need the name of their switch and its time zone (switch, zone)' };
const NEEDS_TRUNKS = { missing: 'its records need the trunks, the devices that lead to carriers (trunk)' };

function single(format: Format): ToldFormat {
  return { format, isHeaded: false };
}

function alone(format: Format | { readonly problem: string }): ToldFormat {
  return 'problem' in format ? format : single(format);
}

function headed(format: Format | { readonly problem: string }): ToldFormat {
  return 'problem' in format ? format : { format, isHeaded: true };
}
