/**
 * Ranges in service by what the offer makes of them, each in E.164 digits with an `X` for a digit that is drawn.
 * A test draws from each and asks the numbering plan.
 */
export const numberRanges = {
  'national-fixed': [
    '331401XXXXX',
    '331426XXXXX',
    '331447XXXXX',
    '331558XXXXX',
    '332402XXXXX',
    '332514XXXXX',
    '333202XXXXX',
    '333882XXXXX',
    '334502XXXXX',
    '334723XXXXX',
    '334914XXXXX',
    '335560XXXXX',
    '335613XXXXX',
    '335671XXXXX',
    '33972XXXXXX',
    '33973XXXXXX',
    '33981XXXXXX',
    '33983XXXXXX',
  ],
  'national-mobile': [
    '33612XXXXXX',
    '33614XXXXXX',
    '33620XXXXXX',
    '33628XXXXXX',
    '33660XXXXXX',
    '33672XXXXXX',
    '33681XXXXXX',
    '33685XXXXXX',
    '33750XXXXXX',
    '33766XXXXXX',
    '33782XXXXXX',
  ],
  /** 0806 to 0809 cost what a national fixed call costs. */
  'shared-price': ['33806XXXXXX', '33809XXXXXX'],
  'overseas-fixed': ['262262XXXXXX', '590590XXXXXX', '596596XXXXXX', '594594XXXXXX'],
  'international-included': [
    '3491XXXXXXX',
    '4930XXXXXXXX',
    '442079XXXXXX',
    '12122XXXXXX',
    '14162XXXXXX',
    '86138XXXXXXXX',
    '4822XXXXXXX',
    '35226XXXXXX',
    '46812XXXXXX',
    '3120XXXXXXX',
    '35312XXXXXX',
    '35121XXXXXXX',
    '97231XXXXXX',
  ],
  /** Mobiles of neighbours, and countries that are not among the 40. */
  'international-metered': [
    '346XXXXXXXX',
    '491512XXXXXXX',
    '2126XXXXXXXX',
    '447912XXXXXX',
    '3228XXXXXX',
    '4144XXXXXXX',
  ],
  /** +1 that is neither the United States nor Canada: the classic costly mistake. */
  caribbean: ['18762XXXXXX', '12462XXXXXX', '18092XXXXXX', '14734XXXXXX', '17844XXXXXX'],
  /** French numbers in form, overseas mobiles in fact. */
  'overseas-mobile': ['262692XXXXXX', '262639XXXXXX', '590690XXXXXX', '596696XXXXXX', '594694XXXXXX'],
  'special-rate': ['33825XXXXXX', '33892XXXXXX', '33899XXXXXX', '33810XXXXXX'],
  /** Where fraud earns its money. */
  'high-cost': ['25261XXXXXXX', '23276XXXXXX', '535XXXXXXX', '38761XXXXXX', '37120XXXXXX'],
  'toll-free': ['33800XXXXXX', '33805XXXXXX'],
} satisfies Readonly<Record<string, readonly string[]>>;

export type NumberKind = keyof typeof numberRanges;

export const emergencyCodes: readonly number[] = [15, 17, 18, 112, 115];
export const freeShortCodes: readonly number[] = [3919, 3103, 3114];
export const paidShortCodes: readonly number[] = [3949, 3631, 1013, 3201, 118218, 118712];
