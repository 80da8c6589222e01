import type { ReactNode } from 'react';

/** Strokes of the icons, on a grid of 16. */
const PATHS = {
  cases: 'M2 3.500h12M2 8h12M2 12.500h7',
  quarantine: 'M8 1.800 14.500 13.500h-13ZM8 6.200v3.600M8 11.600v.2',
  decks: 'M2.500 2.500h11v11h-11ZM2.500 6.200h11M6.200 6.200v7.300',
  report: 'M3.500 1.800h6l3 3v9.400h-9ZM6 8h4M6 11h4',
  team: 'M5.500 7.500a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600ZM1.500 13.500c.3-2.600 1.900-4 4-4s3.700 1.400 4 4M10.500 7.300a2 2 0 1 0-.6-3.900M11.500 9.700c1.700.2 2.800 1.500 3 3.800',
  health: 'M1.500 8.500h3l2-5 3 9 2-4h3',
  search: 'M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10ZM10.700 10.700 14 14',
  download: 'M8 2v8M4.500 6.800 8 10.300l3.500-3.500M2.500 13.500h11',
  print: 'M4.500 6V2h7v4M4.500 11.500h-2V6h11v5.500h-2M4.500 9.500h7V14h-7Z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): ReactNode {
  return (
    <svg className="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function BrandMark(): ReactNode {
  return (
    <svg className="brand-mark" width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="6" className="brand-ground" />
      <path d="M7 25V17M12 25V11M17 25V7M22 25V13" className="brand-bars" />
      <path d="M4.500 21.500 27 9.500" className="brand-limit" />
    </svg>
  );
}
