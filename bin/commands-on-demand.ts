/**
 * What each command does, loaded when it is run: a command starts without what the others need (Kafka, the API, two
 * kinds of databases).
 */

export const acceptStarts = onDemand(async () => (await import('./commands/accept-starts.ts')).acceptStarts);
export const backUp = onDemand(async () => (await import('./commands/backup.ts')).backUp);
export const cases = onDemand(async () => (await import('./commands/cases.ts')).cases);
export const checkAudit = onDemand(async () => (await import('./commands/audit.ts')).checkAudit);
export const createKey = onDemand(async () => (await import('./commands/keys.ts')).createKey);
export const createTopics = onDemand(async () => (await import('./commands/topics.ts')).createTopics);
export const decide = onDemand(async () => (await import('./commands/decide.ts')).decide);
export const diffDeckFiles = onDemand(async () => (await import('./commands/decks.ts')).diffDeckFiles);
export const explain = onDemand(async () => (await import('./commands/explain.ts')).explain);
export const importDeck = onDemand(async () => (await import('./commands/decks.ts')).importDeck);
export const importLines = onDemand(async () => (await import('./commands/lines.ts')).importLines);
export const importOffer = onDemand(async () => (await import('./commands/offers.ts')).importOffer);
export const lintOffer = onDemand(async () => (await import('./commands/offers.ts')).lintOffer);
export const listDecks = onDemand(async () => (await import('./commands/decks.ts')).listDecks);
export const listAudit = onDemand(async () => (await import('./commands/audit.ts')).listAudit);
export const listFormats = onDemand(async () => (await import('./commands/formats.ts')).listFormats);
export const listHoles = onDemand(async () => (await import('./commands/holes.ts')).listHoles);
export const listKeys = onDemand(async () => (await import('./commands/keys.ts')).listKeys);
export const listOffers = onDemand(async () => (await import('./commands/offers.ts')).listOffers);
export const listPositions = onDemand(async () => (await import('./commands/positions.ts')).listPositions);
export const listQuarantine = onDemand(async () => (await import('./commands/quarantine.ts')).listQuarantine);
export const moveMonth = onDemand(async () => (await import('./commands/periods.ts')).moveMonth);
export const movePosition = onDemand(async () => (await import('./commands/positions.ts')).movePosition);
export const periods = onDemand(async () => (await import('./commands/periods.ts')).periods);
export const rateFiles = onDemand(async () => (await import('./commands/rate.ts')).rateFiles);
export const replayQuarantine = onDemand(async () => (await import('./commands/replay.ts')).replayQuarantine);
export const reopenRecords = onDemand(async () => (await import('./commands/write-off.ts')).reopenRecords);
export const repairNumbers = onDemand(async () => (await import('./commands/repair-numbers.ts')).repairNumbers);
export const report = onDemand(async () => (await import('./commands/report.ts')).report);
export const restored = onDemand(async () => (await import('./commands/restored.ts')).restored);
export const revokeKey = onDemand(async () => (await import('./commands/keys.ts')).revokeKey);
export const runClassify = onDemand(async () => (await import('./commands/classify.ts')).runClassify);
export const runDemo = onDemand(async () => (await import('./commands/demo.ts')).runDemo);
export const runGenerate = onDemand(async () => (await import('./commands/generate.ts')).runGenerate);
export const runPrice = onDemand(async () => (await import('./commands/price.ts')).runPrice);
export const runRelay = onDemand(async () => (await import('./commands/relay.ts')).runRelay);
export const runWorker = onDemand(async () => (await import('./commands/worker.ts')).runWorker);
export const serve = onDemand(async () => (await import('./commands/serve.ts')).serve);
export const setUp = onDemand(async () => (await import('./commands/setup.ts')).setUp);
export const settle = onDemand(async () => (await import('./commands/holes.ts')).settle);
export const showOneCase = onDemand(async () => (await import('./commands/case.ts')).showOneCase);
export const showQuarantined = onDemand(async () => (await import('./commands/quarantine.ts')).showQuarantined);
export const sweep = onDemand(async () => (await import('./commands/sweep.ts')).sweep);
export const tryFormat = onDemand(async () => (await import('./commands/formats.ts')).tryFormat);
export const verify = onDemand(async () => (await import('./commands/verify.ts')).verify);
export const writeOffRecords = onDemand(async () => (await import('./commands/write-off.ts')).writeOffRecords);

/** A function as `load` brings it; `load` is called when the function is, and again finds it loaded. */
function onDemand<Args extends readonly unknown[], Result>(
  load: () => Promise<(...args: Args) => Result | Promise<Result>>,
): (...args: Args) => Promise<Result> {
  return async (...args) => (await load())(...args);
}
