/** What the words of a filter take, where the API says it in English words; of the others it lists the values. */
export const frFilterValues: Readonly<Record<string, string>> = {
  period: 'des mois tels que 2026-11',
  account: 'des comptes',
  line: 'des lignes',
  money: 'des montants tels que >50, >=12.50, <100',
  calls: 'des nombres d’appels tels que >10',
  assignee: 'me, none ou des noms',
  snoozed: 'yes ou no',
  since: 'des jours ou des instants tels que >=2026-11-10',
  due: 'des jours à partir de maintenant, tels que <3d',
};
