import { Random } from './random.ts';

const FAMILIES = [
  'Martin',
  'Bernard',
  'Dubois',
  'Petit',
  'Durand',
  'Leroy',
  'Moreau',
  'Simon',
  'Garcia',
  'Lefèvre',
  'Nguyen',
  'Benali',
];
const TRADES = [
  'Boulangerie',
  'Garage',
  'Cabinet',
  'Menuiserie',
  'Pharmacie',
  'Agence',
  'Transports',
  'Imprimerie',
  'Clinique',
  'Hôtel',
];
const PLACES = ['Lyon', 'Nantes', 'Lille', 'Besançon', 'Nîmes', 'Angers', 'Saint-Étienne', 'Pau'];

/** An invented French name; some have a comma or quotes, as real ones do. */
export function accountName(seed: string, account: number): string {
  const random = new Random(seed, `account ${account}`);
  const family = random.pick(FAMILIES);
  switch (random.below(4)) {
    case 0:
      return `${random.pick(TRADES)} ${family}, ${random.pick(PLACES)}`;
    case 1:
      return `${family} et associés`;
    case 2:
      return `SARL "${random.pick(TRADES)} ${random.pick(PLACES)}"`;
    default:
      return `${random.pick(TRADES)} ${family}`;
  }
}
