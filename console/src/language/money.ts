const SCALE = 1_000_000n;

/** Decimal money as a whole count of millionths: exact. */
export function microsOf(text: string): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  const micros = BigInt(whole) * SCALE + BigInt(fraction.padEnd(6, '0'));
  return sign === '-' ? -micros : micros;
}

export function moneyOf(micros: bigint): string {
  const size = micros < 0n ? -micros : micros;
  return `${micros < 0n ? '-' : ''}${size / SCALE}.${String(size % SCALE).padStart(6, '0')}`;
}

export function sumOfMoney(texts: readonly string[]): string {
  return moneyOf(texts.reduce((sum, text) => sum + microsOf(text), 0n));
}

export function isZero(text: string): boolean {
  return microsOf(text) === 0n;
}
