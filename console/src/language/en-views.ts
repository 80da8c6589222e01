import type { frViews } from './fr-views.ts';

/** English, of the views of the queue. */
export const enViews: typeof frViews = {
  title: 'Views',
  open: 'To decide',
  money: 'Over €10',
  dialler: 'Distinct numbers',
  behaviour: 'Not conversation',
  decided: 'Decided',
  mine: 'Mine',
  snoozed: 'Snoozed',
  save: 'Keep this view',
  drop: 'Forget this view',
  share: 'Share with the team',
  unshare: 'Stop sharing',
  name: 'Name of the view',
  forAll: 'For the whole team',
  keep: 'Keep',
  sharedBy: 'Shared by {name}',
  shared: 'shared',
  notTaken: 'View “{name}”, kept in this browser, could not be taken over: {why}',
  goTo: 'View: {name}',
};
