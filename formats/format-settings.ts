import { compileCivilTime, isTimeZone } from '../tariffs/index.ts';
import { formatIds, type FormatId } from './format.ts';
import type { FormatOptions } from './open-format.ts';
import { parseTrunkPrefix, type TrunkPrefix } from './trunk-prefixes.ts';

/** What people say about the records of a stream: the options of a command, or the settings of a topic. */
export interface FormatSettings {
  readonly format?: string;
  /** Name of the switch that wrote the records. */
  readonly switch?: string;
  /** Time zone of the switch's clock. */
  readonly zone?: string;
  readonly trunk?: readonly string[];
  /** What is dialled for an outside line, and technical prefixes: `PREFIX`, `TRUNK=PREFIX`, `TRUNK=PREFIX/INSTEAD`. */
  readonly outsidePrefix?: readonly string[];
  readonly stripPrefix?: readonly string[];
  readonly gateway?: readonly string[];
  readonly profile?: readonly string[];
  readonly billedLeg?: string;
  readonly lineFrom?: readonly string[];
  readonly diverterFrom?: readonly string[];
  readonly userAgentFrom?: readonly string[];
  readonly sourceIpFrom?: readonly string[];
}

export const settingNames = [
  'format',
  'switch',
  'zone',
  'trunk',
  'outsidePrefix',
  'stripPrefix',
  'gateway',
  'profile',
  'billedLeg',
  'lineFrom',
  'diverterFrom',
  'userAgentFrom',
  'sourceIpFrom',
] as const satisfies readonly (keyof FormatSettings)[];
export type SettingName = (typeof settingNames)[number];

interface SettingUse {
  /** Whether it may stand more than once. */
  readonly isList: boolean;
  readonly formats: readonly FormatId[];
}

const ASTERISK: readonly FormatId[] = ['asterisk-csv', 'asterisk-json'];
const FREESWITCH: readonly FormatId[] = ['freeswitch-json', 'freeswitch-event'];

/** Every setting, and the formats that ask for it. */
export const FORMAT_SETTINGS: Readonly<Record<SettingName, SettingUse>> = {
  format: { isList: false, formats: formatIds },
  switch: { isList: false, formats: [...ASTERISK, ...FREESWITCH] },
  zone: { isList: false, formats: ASTERISK },
  trunk: { isList: true, formats: ASTERISK },
  outsidePrefix: { isList: true, formats: ASTERISK },
  stripPrefix: { isList: true, formats: ASTERISK },
  gateway: { isList: true, formats: FREESWITCH },
  profile: { isList: true, formats: FREESWITCH },
  billedLeg: { isList: false, formats: FREESWITCH },
  lineFrom: { isList: true, formats: FREESWITCH },
  diverterFrom: { isList: true, formats: ASTERISK },
  userAgentFrom: { isList: true, formats: ['asterisk-json', ...FREESWITCH] },
  sourceIpFrom: { isList: true, formats: ['asterisk-json', ...FREESWITCH] },
};

export type ReadSettings =
  | { readonly kind: 'options'; readonly options: FormatOptions }
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

/**
 * What the settings say of the format; faults of all of them at once.
 *
 * @param shown how people write a setting: `--trunk`, or `trunk=`
 */
export function readFormatSettings(given: FormatSettings, shown: (name: string) => string): ReadSettings {
  const faults = [...valueFaults(given, shown), ...useFaults(given, shown), ...missingFaults(given, shown)];
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'options', options: optionsOf(given) };
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
  for (const [name, texts = []] of [
    ['outside-prefix', given.outsidePrefix],
    ['strip-prefix', given.stripPrefix],
  ] as const) {
    const amiss = texts.find((text) => parseTrunkPrefix(text) === null);
    if (amiss === undefined) continue;
    faults.push(
      `Cannot use ${shown(name)} '${amiss}': it is none like '0', 'PJSIP/op=9' or 'PJSIP/op=00117#/+' ` +
        '(TRUNK=PREFIX/INSTEAD)',
    );
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

function missingFaults(given: FormatSettings, shown: (name: string) => string): string[] {
  const { trunk = [], zone, switch: switchId } = given;
  const format = formatOf(given);
  const isRows = format === 'asterisk-csv' || (format === undefined && trunk.length > 0);
  const faults: string[] = [];
  if (trunk.length === 0 && (isRows || format === 'asterisk-json')) {
    faults.push(`Cannot read Asterisk records without ${shown('trunk')}: which endpoints lead to carriers?`);
  }
  if (isRows && zone === undefined) {
    faults.push(`Cannot read Asterisk records without ${shown('zone')}: in which time zone are their times?`);
  }
  if (isRows && switchId === undefined) {
    faults.push(`Cannot read Asterisk records without ${shown('switch')}: ids are unique only within one`);
  }
  return faults;
}

function optionsOf(given: FormatSettings): FormatOptions {
  const { trunk: trunks = [], zone, switch: switchId, gateway, profile, billedLeg } = given;
  const { lineFrom, diverterFrom = [], userAgentFrom, sourceIpFrom } = given;
  const format = formatOf(given);
  const named = switchId === undefined ? {} : { switchId };
  const clock = zone === undefined ? null : compileCivilTime(zone);
  const numbers = {
    outsidePrefixes: prefixesOf(given.outsidePrefix),
    stripPrefixes: prefixesOf(given.stripPrefix),
  };
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
            ...numbers,
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
            ...numbers,
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
    },
  };
}

function prefixesOf(texts: readonly string[] = []): readonly TrunkPrefix[] {
  return texts.flatMap((text) => parseTrunkPrefix(text) ?? []);
}
