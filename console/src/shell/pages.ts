/** The pages that one can go to from anywhere. */
export const PAGES = [
  { to: '/', icon: 'cases' },
  { to: '/quarantine', icon: 'quarantine' },
  { to: '/report', icon: 'report' },
  { to: '/decks', icon: 'decks' },
  { to: '/team', icon: 'team' },
  { to: '/health', icon: 'health' },
] as const;
