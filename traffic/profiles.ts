import * as conversationalUse from './profiles/conversational-use.ts';
import * as destinations from './profiles/destinations.ts';
import * as distinctNumbers from './profiles/distinct-numbers.ts';
import * as equipment from './profiles/equipment.ts';
import * as forwarding from './profiles/forwarding.ts';
import { idle, office, residential } from './profiles/ordinary.ts';
import type { Profile } from './scene.ts';
import * as sipMobility from './profiles/sip-mobility.ts';
import * as usageClass from './profiles/usage-class.ts';

/** What most lines are. */
export const ordinaryProfiles = { office, residential, idle } satisfies Readonly<Record<string, Profile>>;

/** What some lines are, each at least once in every month that is generated; `expected.json` names them. */
export const specialProfiles = {
  edges: destinations.edges,
  'heavy-149': distinctNumbers.heavy149,
  'heavy-150': distinctNumbers.heavy150,
  'heavy-151': distinctNumbers.heavy151,
  'heavy-same-instant': distinctNumbers.heavySameInstant,
  'heavy-same-second': distinctNumbers.heavySameSecond,
  'heavy-month-edges': distinctNumbers.heavyMonthEdges,
  'heavy-uncounted': distinctNumbers.heavyUncounted,
  'heavy-transfer': distinctNumbers.heavyTransfer,
  'offer-taken-mid-month': distinctNumbers.offerTakenMidMonth,
  'no-offer': distinctNumbers.noOffer,
  forwarder: forwarding.forwarder,
  'forwards-colleague': forwarding.forwardsColleague,
  'diverted-outside': forwarding.divertedOutside,
  renumbered: forwarding.renumbered,
  'closed-mid-month': forwarding.closedMidMonth,
  nomad: sipMobility.nomad,
  'nomad-of-an-instant': sipMobility.nomadOfAnInstant,
  'softphone-at-office': sipMobility.softphoneAtOffice,
  'phone-taken-home': sipMobility.phoneTakenHome,
  'away-without-user-agent': sipMobility.awayWithoutUserAgent,
  'nothing-provisioned': sipMobility.nothingProvisioned,
  'mobility-by-switch': sipMobility.mobilityBySwitch,
  'mobility-provisioned': sipMobility.mobilityProvisioned,
  'two-sites': sipMobility.twoSites,
  'free-caller': destinations.freeCaller,
  'customer-pbx': equipment.customerPbx,
  'managed-pbx': equipment.managedPbx,
  'declared-pbx': equipment.declaredPbx,
  'declared-gateway': equipment.declaredGateway,
  telemarketer: usageClass.telemarketer,
  'phone-shop': usageClass.phoneShop,
  'turned-phoning': usageClass.turnedPhoning,
  'call-centre': usageClass.callCentre,
  'short-caller': conversationalUse.shortCaller,
  'short-caller-below-minimum': conversationalUse.shortCallerBelowMinimum,
  'short-caller-at-minimum': conversationalUse.shortCallerAtMinimum,
  'concurrent-caller': conversationalUse.concurrentCaller,
  'sequential-caller': conversationalUse.sequentialCaller,
  'range-caller': conversationalUse.rangeCaller,
  'all-hours-caller': conversationalUse.allHoursCaller,
  'at-thresholds': conversationalUse.atThresholds,
  'fraud-weekend': conversationalUse.fraudWeekend,
  'abroad-included': destinations.abroadIncluded,
  'abroad-metered': destinations.abroadMetered,
} satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof ordinaryProfiles | keyof typeof specialProfiles;

const all: Readonly<Record<ProfileName, Profile>> = { ...ordinaryProfiles, ...specialProfiles };

export const specialNames: readonly ProfileName[] = Object.keys(specialProfiles).filter(isProfileName);

export function profileNamed(name: ProfileName): Profile {
  return all[name];
}

function isProfileName(name: string): name is ProfileName {
  return Object.hasOwn(all, name);
}
