import { parseCidr, type CallFacts, type Cidr } from '../../rules/index.ts';

/** A call that shows nothing against its line, with the given differences. */
export function callFacts(given: Partial<CallFacts> = {}): CallFacts {
  return {
    isForwarded: false,
    userAgent: null,
    sourceIp: null,
    mobilityUsed: null,
    mobility: 'unknown',
    equipment: 'unknown',
    usageClass: 'business',
    devices: [],
    networks: [],
    ...given,
  };
}

/** The network that a CIDR text names. */
export function network(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === null) throw new Error(`Cannot read network '${text}'`);
  return cidr;
}
