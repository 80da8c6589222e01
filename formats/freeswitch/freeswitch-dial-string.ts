/** Which gateways and profiles lead to carriers. */
export interface CarrierNames {
  readonly isGateway: (name: string) => boolean;
  readonly isProfile: (name: string) => boolean;
}

/** What a caller's leg was bridged to, and what was dialled there. */
export interface CarrierTarget {
  readonly gateway: string;
  readonly number: string;
}

/**
 * Which target of a dial string a caller's leg was bridged to: `sofia/gateway/<gateway>/<number>`,
 * `sofia/<profile>/<number>@<host>`, or `<driver>/…/<number>`. Several are tried at once (`,`) or in turn (`|`): where
 * they differ in number, or some go to no carrier, the channel that answered tells, such as
 * `sofia/external/0612345678`.
 *
 * @returns `'none'` where it went to no carrier; `'unclear'` where nothing tells which of them answered
 */
export function answeredTarget(
  dialString: string,
  answeredChannel: string,
  carriers: CarrierNames,
): CarrierTarget | 'none' | 'unclear' {
  const targets = withoutVariables(dialString)
    .split(/[,|]|:_:/)
    .map((target) => target.trim())
    .filter((target) => target !== '');
  const found = targets.map((target) => carrierTarget(target, carriers));
  const toCarriers = found.filter((target) => target !== null);
  const [first] = toCarriers;
  if (first === undefined) return 'none';
  if (toCarriers.length === found.length && toCarriers.every(({ number }) => number === first.number)) return first;
  if (answeredChannel === '') return 'unclear';
  const user = /\/([^/@]+)(?:@[^/]*)?$/.exec(answeredChannel)?.[1] ?? '';
  const answered = toCarriers.find(({ number }) => number !== '' && number === user);
  if (answered !== undefined) return answered;
  const isOther = targets.some((target, index) => found[index] === null && user !== '' && target.includes(user));
  return isOther ? 'none' : 'unclear';
}

function carrierTarget(target: string, { isGateway, isProfile }: CarrierNames): CarrierTarget | null {
  const [, gateway, viaGateway = ''] = /^sofia\/gateway\/([^/]+)\/([^/]+)$/.exec(target) ?? [];
  if (gateway !== undefined) return isGateway(gateway) ? { gateway, number: viaGateway } : null;
  const [, profile, viaProfile = ''] = /^sofia\/([^/]+)\/([^/@]+)@[^/]+$/.exec(target) ?? otherDriver(target) ?? [];
  return profile !== undefined && isProfile(profile) ? { gateway: profile, number: viaProfile } : null;
}

/** What is no carrier's: SIP, which has profiles, phones by their names, and the switch itself. */
const OWN_DRIVERS: ReadonlySet<string> = new Set(['sofia', 'user', 'group', 'loopback', 'error', 'null', 'pickup']);

/** A target of a driver that is not SIP's, such as `FreeTDM/1:1/0612345678`: its driver, and the number. */
function otherDriver(target: string): RegExpExecArray | null {
  const found = /^([^/]+)\/(?:[^/]*\/)*([^/@]+)(?:@[^/]*)?$/.exec(target);
  return found === null || OWN_DRIVERS.has(found[1]!) ? null : found;
}

/** A dial string without the variables that it sets, `{name=value}`, `[name=value]` and `<name=value>`. */
function withoutVariables(dialString: string): string {
  let rest = '';
  let at = 0;
  for (const { index: close } of dialString.matchAll(/[}\]>]/g)) {
    const part = dialString.slice(at, close);
    const open = part.search(/[{[<]/);
    rest += open < 0 ? dialString.slice(at, close + 1) : part.slice(0, open);
    at = close + 1;
  }
  return rest + dialString.slice(at);
}
