import type { Leg, LegFamily } from './leg.ts';

/** A leg whose evidence is written once somebody asks for it. */
export class SaidLeg<Family extends LegFamily, Said> implements Leg {
  readonly family: Family;
  readonly switchId: string;
  readonly groupId: string;
  readonly legId: string;
  readonly said: Said;
  readonly #write: (said: Said) => string;
  #evidence: string | null = null;

  constructor(
    family: Family,
    { switchId, groupId, legId }: Pick<Leg, 'switchId' | 'groupId' | 'legId'>,
    said: Said,
    write: (said: Said) => string,
  ) {
    this.family = family;
    this.switchId = switchId;
    this.groupId = groupId;
    this.legId = legId;
    this.said = said;
    this.#write = write;
  }

  get evidence(): string {
    return (this.#evidence ??= this.#write(this.said));
  }
}
