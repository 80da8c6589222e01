import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, type FastifyRequest } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { Mapping } from '../formats/index.ts';
import type { LedgerAccess, WebhookSettings } from '../services/index.ts';
import { auditAnswers } from './audit.ts';
import { authorise } from './authorise.ts';
import { FRAMING, frameAnswers } from './framing.ts';
import { maskAnswers } from './mask-answers.ts';
import { addConsolePages, isOfPerson, sendNothingHerePage } from './console-pages.ts';
import { limitLargeBodies } from './large-bodies.ts';
import { refuseLookingForNumbers } from './looked-for.ts';
import { addMetrics } from './metrics.ts';
import { readJsonBodies } from './json-bodies.ts';
import { isLedgerAway } from './ledger-away.ts';
import { nothingHere } from './nothing-here.ts';
import { NotLetInError } from './not-let-in.ts';
import { describeRoutes } from './openapi.ts';
import type { People } from './people.ts';
import { PeopleAwayError } from './people-away.ts';
import { type HttpProblemCode, type Problem, httpProblem } from './problem.ts';
import { sendProblem } from './refuse.ts';
import { logRequests } from './request-log.ts';
import type { TraceSettings } from './traces.ts';
import { parseQuery, refuseUnreadableQueries } from './query.ts';
import { type Rate, USUAL_RATE, limitRates } from './rate-limit.ts';
import { refuseUnheeded } from './if-match.ts';
import { demandOnce } from './once.ts';
import { tellBrowsers } from './security-headers.ts';
import { addCasePatternRoute } from './routes/case-pattern.ts';
import { addAuditRoutes } from './routes/audit.ts';
import { addCallRoutes } from './routes/calls.ts';
import { addCaseActRoutes } from './routes/case-acts.ts';
import { addCaseRoutes } from './routes/cases.ts';
import { addCatalogueRoutes } from './routes/catalogue.ts';
import { addOfferComparison } from './routes/offer-comparison.ts';
import { addCdrRoutes } from './routes/cdrs.ts';
import { addConsumerRoutes } from './routes/consumers.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addLineRoutes } from './routes/lines.ts';
import { addLoginRoutes } from './routes/login.ts';
import { addMeRoute } from './routes/me.ts';
import { addMonthRoutes } from './routes/months.ts';
import { addProblemPages } from './routes/problem-pages.ts';
import { addPresenceRoute } from './routes/presence.ts';
import { addNumberingRoutes } from './routes/numbering.ts';
import { addQuarantineRoutes } from './routes/quarantine.ts';
import { addQuoteRoute } from './routes/quote.ts';
import { addReferenceRoutes } from './routes/reference.ts';
import { addWebhookRoutes } from './routes/webhooks.ts';
import { addViewRoutes } from './routes/views.ts';
import { validatorCompiler } from './validate.ts';
import { addUsageRoutes } from './routes/usage.ts';

/** What the API serves, and how it is told of what goes wrong. */
export interface ApiParts {
  readonly ledger: LedgerAccess;
  readonly log: Logger;
  readonly version: string;
  /** What the console was built to; `null`: it is to be built first. Where nothing is said there is none. */
  readonly consoleFolder?: string | null;
  /** ms since the epoch. */
  readonly now?: () => number;
  /** Who lets people in, beside keys. */
  readonly people?: People | null;
  /** What each key and person may ask. */
  readonly rate?: Rate;
  /** How deliveries to webhooks are signed, and where they may go; none: there are no webhooks. */
  readonly webhooks?: WebhookSettings | null;
  /** Where traces go; none: nothing of them is even loaded. */
  readonly traces?: TraceSettings | null;
  /** How records of other formats are read, by the name that a post gives. */
  readonly mappings?: ReadonlyMap<string, Mapping>;
  /** `/metrics` asks the ledger this often at most, in ms. */
  readonly measuredEveryMs?: number | undefined;
}

const MOST_BODY_BYTES = 1 << 20;
const REQUEST_TIMEOUT_MS = 120_000;

/** The API, ready to listen. It is closed before the ledger. */
export async function buildServer(parts: ApiParts): Promise<FastifyInstance> {
  const {
    ledger,
    log,
    version,
    now = Date.now,
    people = null,
    rate = USUAL_RATE,
    webhooks = null,
    traces = null,
    mappings = new Map(),
    measuredEveryMs,
  } = parts;
  const logger: FastifyBaseLogger = log.child({ part: 'api' });
  const app = fastify({
    ...FRAMING,
    loggerInstance: logger,
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // What fastify says of itself then is no problem of ours: `frameAnswers` does.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 500, querystringParser: parseQuery },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error: FastifyError, request, reply) =>
    sendProblem(reply, request.is404 ? nothingHere(app, request, reply) : problemOf(error, request)),
  );
  app.setNotFoundHandler((request, reply) => {
    const problem = nothingHere(app, request, reply);
    const isPage = typeof parts.consoleFolder === 'string' && problem.status === 404 && isOfPerson(request);
    return isPage ? sendNothingHerePage(reply) : sendProblem(reply, problem);
  });
  readJsonBodies(app);
  tellBrowsers(app);
  frameAnswers(app);
  logRequests(app);
  if (traces !== null) (await import('./traces.ts')).traceRequests(app, traces, log);
  await describeRoutes(app, version);
  authorise(app, ledger.db, now, people);
  refuseUnreadableQueries(app);
  demandOnce(app);
  refuseUnheeded(app);
  limitRates(app, rate, now);
  limitLargeBodies(app);
  addMetrics(app, ledger.db, now, measuredEveryMs);
  refuseLookingForNumbers(app);
  auditAnswers(app, ledger.db);
  maskAnswers(app);
  addHealthRoutes(app, ledger.db);
  addUsageRoutes(app, ledger.db);
  addCallRoutes(app, ledger);
  addCaseRoutes(app, ledger);
  addCasePatternRoute(app, ledger);
  addMeRoute(app, ledger);
  addLoginRoutes(app, people, now);
  addPresenceRoute(app, ledger, now);
  addCaseActRoutes(app, ledger);
  addViewRoutes(app, ledger);
  addConsumerRoutes(app, ledger.db);
  addQuarantineRoutes(app, ledger);
  addNumberingRoutes(app, ledger);
  addCatalogueRoutes(app, ledger);
  addOfferComparison(app, ledger);
  addMonthRoutes(app, ledger);
  addAuditRoutes(app, ledger.db);
  addWebhookRoutes(app, ledger, webhooks);
  addCdrRoutes(app, ledger, mappings, now);
  addQuoteRoute(app, ledger, now);
  addLineRoutes(app, ledger);
  addReferenceRoutes(app);
  addProblemPages(app);
  if (parts.consoleFolder !== undefined) await addConsolePages(app, parts.consoleFolder);
  await app.ready();
  return app;
}

/** What is the matter, for who asks. What is none of his business is in the log alone. */
function problemOf(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof NotLetInError) return error.problem;
  if (error instanceof PeopleAwayError)
    return httpProblem('unavailable', 'Who lets people in does not answer: try again');
  if (isLedgerAway(error)) {
    request.log.warn({ err: error, route: request.routeOptions.url }, 'the ledger cannot be reached');
    return httpProblem('unavailable', 'The database does not answer: try again, and keep what was not answered');
  }
  const code = codeOfStatus(error.statusCode);
  if (code !== null) return httpProblem(code, error.message);
  request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
  return httpProblem('internal-error', `What went wrong is in the log, by request '${request.id}'`);
}

const BY_STATUS: Readonly<Record<number, HttpProblemCode>> = {
  400: 'bad-request',
  406: 'not-acceptable',
  413: 'too-large',
  415: 'unsupported-media-type',
};

function codeOfStatus(status: number | undefined): HttpProblemCode | null {
  if (status === undefined || status >= 500) return null;
  return BY_STATUS[status] ?? 'bad-request';
}
