import { compileCivilTime, isTimeZone } from '../../tariffs/index.ts';
import { formatIds, type FormatId } from '../format.ts';
import type { ReadMapping } from '../mapped/mapping.ts';
import { readMappingFile } from '../mapped/mapping-file.ts';
import type { FormatOptions } from '../open-format.ts';
import { switchSettingsOf, toldOptionsOf, type ToldSettings, toldValueFaults } from './told-settings.ts';

/** What people say about the records of a stream: the options of a command, or the settings of a topic. */
export interface FormatSettings extends ToldSettings {
  readonly format?: string;
  readonly billedLeg?: string;
  readonly diverterFrom?: readonly string[];
  /** A file that says how records of another format are read. */
  readonly mapping?: string;
}

export const settingNames = [
  'format',
  'switch',
  'zone',
  'trunk',
  'gateway',
  'profile',
  'billedLeg',
  'lineFrom',
  'diverterFrom',
  'userAgentFrom',
  'sourceIpFrom',
  'numberFrom',
  'durationFrom',
  'extraColumn',
  'dialPrefix',
  'extension',
  'longestCall',
  'clockOffset',
  'mapping',
] as const satisfies readonly (keyof FormatSettings)[];
export type SettingName = (typeof settingNames)[number];

interface SettingUse {
  /** Whether it may stand more than once. */
  readonly isList: boolean;
  readonly formats: readonly FormatId[];
}

const ASTERISK: readonly FormatId[] = ['asterisk-csv', 'asterisk-json'];
/** FreeSWITCH's legs with all their variables. */
const FREESWITCH: readonly FormatId[] = ['freeswitch-json', 'freeswitch-xml', 'freeswitch-event', 'freeswitch-text'];
const PROXIES: readonly FormatId[] = ['kamailio-json', 'kamailio-acc', 'opensips-event', 'opensips-json'];
const PBXES: readonly FormatId[] = [
  'cucm-csv',
  'broadworks-csv',
  '3cx-csv',
  'yeastar-csv',
  'kazoo-json',
  'jambonz-json',
];
/** All but the canonical ones. */
const SWITCHES: readonly FormatId[] = [...ASTERISK, ...FREESWITCH, 'freeswitch-csv', ...PROXIES, ...PBXES, 'mapped'];

/** Every setting, and the formats that ask for it. */
export const FORMAT_SETTINGS: Readonly<Record<SettingName, SettingUse>> = {
  format: { isList: false, formats: formatIds },
  switch: { isList: false, formats: ['asterisk-cel', ...SWITCHES] },
  zone: { isList: false, formats: [...ASTERISK, 'freeswitch-csv', ...PROXIES, '3cx-csv', 'yeastar-csv'] },
  trunk: { isList: true, formats: [...ASTERISK, 'cucm-csv', '3cx-csv', 'yeastar-csv'] },
  gateway: { isList: true, formats: [...FREESWITCH, 'freeswitch-csv'] },
  profile: { isList: true, formats: [...FREESWITCH, 'freeswitch-csv'] },
  billedLeg: { isList: false, formats: FREESWITCH },
  lineFrom: {
    isList: true,
    formats: [...FREESWITCH, ...PROXIES, 'cucm-csv', 'broadworks-csv', 'yeastar-csv', 'kazoo-json', 'jambonz-json'],
  },
  diverterFrom: { isList: true, formats: ASTERISK },
  userAgentFrom: { isList: true, formats: ['asterisk-json', ...FREESWITCH, ...PROXIES] },
  sourceIpFrom: { isList: true, formats: ['asterisk-json', ...FREESWITCH, ...PROXIES] },
  numberFrom: { isList: true, formats: PROXIES },
  durationFrom: { isList: false, formats: ['kamailio-json'] },
  extraColumn: { isList: true, formats: ['kamailio-acc'] },
  dialPrefix: { isList: true, formats: SWITCHES },
  extension: { isList: true, formats: SWITCHES },
  longestCall: { isList: false, formats: SWITCHES },
  clockOffset: { isList: false, formats: SWITCHES },
  mapping: { isList: false, formats: ['mapped'] },
};

export type ReadSettings =
  | { readonly kind: 'options'; readonly options: FormatOptions }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/**
 * What the settings say of the format; faults of all of them at once.
 *
 * @param shown how people write a setting: `--trunk`, or `trunk=`
 * @param mappingOf what the setting `mapping` means: the name of a file where nothing is said
 */
export function readFormatSettings(
  given: FormatSettings,
  shown: (name: string) => string,
  mappingOf: (given: string) => ReadMapping = readMappingFile,
): ReadSettings {
  const faults = [
    ...valueFaults(given, shown),
    ...toldValueFaults(given, shown),
    ...useFaults(given, shown),
    ...missingFaults(given, shown),
  ];
  if (faults.length > 0) return { kind: 'faults', faults };
  const options = optionsOf(given);
  if (given.mapping === undefined) return { kind: 'options', options };
  const read = mappingOf(given.mapping);
  if ('faults' in read) return { kind: 'faults', faults: read.faults };
  return {
    kind: 'options',
    options: { ...options, format: 'mapped', told: { ...options.told, mapping: read.mapping } },
  };
}

/**
 * Gathers settings written as pairs, `['billed-leg', 'caller']`, as a topic's are; faults where a name is none of a
 * setting or stands twice without being a list.
 */
export function gatherFormatSettings(pairs: readonly (readonly [string, string])[]): {
  readonly settings: FormatSettings;
  readonly faults: readonly string[];
} {
  const settings: { [name: string]: string | string[] } = {};
  const faults: string[] = [];
  for (const [words, value] of pairs) {
    const name = settingNames.find((known) => settingInWords(known) === words);
    if (name === undefined)
      faults.push(`Cannot use setting '${words}': it is none of ${settingNames.map(settingInWords).join(', ')}`);
    else if (FORMAT_SETTINGS[name].isList) settings[name] = [...(settings[name] ?? []), value];
    else if (settings[name] === undefined) settings[name] = value;
    else faults.push(`Cannot use setting '${words}' twice`);
  }
  return { settings, faults };
}

/** A setting's name as people write it: `billedLeg` is `billed-leg`. */
export function settingInWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function formatOf({ format }: FormatSettings): FormatId | undefined {
  return formatIds.find((known) => known === format);
}

function valueFaults(given: FormatSettings, shown: (name: string) => string): string[] {
  const { format, zone, billedLeg, diverterFrom = [] } = given;
  const faults: string[] = [];
  if (format !== undefined && formatOf(given) === undefined) {
    faults.push(`Cannot use ${shown('format')} '${format}': it is none of ${formatIds.join(', ')}`);
  }
  if (zone !== undefined && !isTimeZone(zone)) {
    faults.push(
      `Cannot use ${shown('zone')} '${zone}': it is no time zone of the IANA list, such as 'Europe/Paris' or 'UTC'`,
    );
  }
  if (billedLeg !== undefined && billedLeg !== 'carrier' && billedLeg !== 'caller') {
    faults.push(`Cannot use ${shown('billed-leg')} '${billedLeg}': it is neither 'carrier' nor 'caller'`);
  }
  const unwritten = diverterFrom.find((field) => field !== 'userfield');
  if (unwritten !== undefined && formatOf(given) === 'asterisk-csv') {
    faults.push(`Cannot use ${shown('diverter-from')} '${unwritten}': Master.csv has it in 'userfield' only`);
  }
  return faults;
}

/** Settings that the named format has no use for are mistakes: what they were to change would stay as it was. */
function useFaults(given: FormatSettings, shown: (name: string) => string): string[] {
  const format = formatOf(given);
  if (format === undefined) return [];
  return settingNames.flatMap((name) => {
    const { formats } = FORMAT_SETTINGS[name];
    if (given[name] === undefined || formats.includes(format)) return [];
    return [`Cannot use ${shown(settingInWords(name))} with format '${format}': it is for ${formats.join(', ')}`];
  });
}

/** What a named format can not be read without; of one that is detected, it is said when it is. */
function missingFaults(given: FormatSettings, shown: (name: string) => string): string[] {
  const format = formatOf(given);
  const needs = format === undefined ? undefined : NEEDS[format];
  if (needs === undefined) return [];
  return needs.settings
    .filter((name) => given[name] === undefined || given[name].length === 0)
    .map((name) => `Cannot read ${needs.records} records without ${shown(settingInWords(name))}: ${QUESTIONS[name]}`);
}

const QUESTIONS = {
  trunk: 'which endpoints lead to carriers?',
  zone: 'in which time zone are their times?',
  switch: 'ids are unique only within one',
  extraColumn: 'which columns follow their first seven, such as auth_user,ruri_user?',
  mapping: 'which of their fields says what?',
} as const;

interface Needs {
  readonly records: string;
  readonly settings: readonly (keyof typeof QUESTIONS)[];
}

const NEEDS: Readonly<Partial<Record<FormatId, Needs>>> = {
  'asterisk-csv': { records: 'Asterisk', settings: ['trunk', 'zone', 'switch'] },
  'asterisk-json': { records: 'Asterisk', settings: ['trunk'] },
  'asterisk-cel': { records: "CEL's", settings: ['switch'] },
  'freeswitch-csv': { records: "mod_cdr_csv's", settings: ['zone', 'switch'] },
  'kamailio-json': { records: 'Kamailio', settings: ['switch'] },
  'kamailio-acc': { records: 'accounting', settings: ['switch', 'extraColumn'] },
  'opensips-json': { records: 'OpenSIPS', settings: ['switch'] },
  'opensips-event': { records: 'OpenSIPS', settings: ['switch'] },
  'cucm-csv': { records: 'CUCM', settings: ['trunk'] },
  'yeastar-csv': { records: 'Yeastar', settings: ['zone', 'switch'] },
  mapped: { records: 'mapped', settings: ['mapping'] },
};

/** The settings that a format can not be read without, as people write them. */
export function neededSettings(format: FormatId): readonly string[] {
  return (NEEDS[format]?.settings ?? []).map(settingInWords);
}

function optionsOf(given: FormatSettings): FormatOptions {
  const { trunk: trunks = [], zone, switch: switchId, gateway, profile, billedLeg } = given;
  const { lineFrom, diverterFrom = [], userAgentFrom, sourceIpFrom } = given;
  const format = formatOf(given);
  const named = switchId === undefined ? {} : { switchId };
  const clock = zone === undefined ? null : compileCivilTime(zone);
  const ofSwitch = switchSettingsOf(given);
  const evidence = {
    ...(userAgentFrom === undefined ? {} : { userAgentFrom }),
    ...(sourceIpFrom === undefined ? {} : { sourceIpFrom }),
  };
  return {
    ...(format === undefined ? {} : { format }),
    ...(trunks.length > 0 && clock !== null && switchId !== undefined
      ? {
          asterisk: {
            switchId,
            clock,
            trunks,
            ...ofSwitch,
            ...(diverterFrom.length > 0 ? { diverterFrom: 'userfield' as const } : {}),
          },
        }
      : {}),
    ...(trunks.length > 0
      ? {
          asteriskJson: {
            ...named,
            ...(clock === null ? {} : { clock }),
            trunks,
            ...ofSwitch,
            diverterFrom,
            ...evidence,
          },
        }
      : {}),
    freeswitch: {
      ...named,
      ...(gateway === undefined ? {} : { gateways: gateway }),
      ...(profile === undefined ? {} : { profiles: profile }),
      ...(billedLeg === 'caller' || billedLeg === 'carrier' ? { billedLeg } : {}),
      ...(lineFrom === undefined ? {} : { lineFrom }),
      ...evidence,
      ...ofSwitch,
    },
    told: toldOptionsOf(given),
  };
}
