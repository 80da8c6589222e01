import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import swagger from '@fastify/swagger';
import helmet from '@fastify/helmet';
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { DatabaseError } from '../ledger/index.ts';
import type { LedgerAccess } from '../services/index.ts';
import { auditAnswers } from './audit.ts';
import { NotLetInError, authorise } from './authorise.ts';
import { maskAnswers } from './mask-answers.ts';
import { type FieldProblem, type HttpProblemCode, type Problem, httpProblem } from './problem.ts';
import { addConsolePages } from './console-pages.ts';
import { addCasePatternRoute } from './routes/case-pattern.ts';
import { addAuditRoutes } from './routes/audit.ts';
import { addCallRoutes } from './routes/calls.ts';
import { addCaseActRoutes } from './routes/case-acts.ts';
import { addCaseRoutes } from './routes/cases.ts';
import { addCatalogueRoutes } from './routes/catalogue.ts';
import { addConsumerRoutes } from './routes/consumers.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addMeRoute } from './routes/me.ts';
import { addMonthRoutes } from './routes/months.ts';
import { addQuarantineRoutes } from './routes/quarantine.ts';
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
}

const MOST_BODY_BYTES = 1 << 20;
const REQUEST_TIMEOUT_MS = 30_000;
const PROBLEM = 'application/problem+json';

/** The API, ready to listen. It is closed before the ledger. */
export async function buildServer(parts: ApiParts): Promise<FastifyInstance> {
  const { ledger, log, version, now = Date.now } = parts;
  const logger: FastifyBaseLogger = log.child({ part: 'api' });
  const app = fastify({
    loggerInstance: logger,
    // A URL may hold numbers: routes are logged, not what was asked of them.
    disableRequestLogging: true,
    bodyLimit: MOST_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 500 },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(reply, problemOf(error, request)));
  app.setNotFoundHandler((request, reply) => sendProblem(reply, nothingHere(app, request)));
  await app.register(helmet, { contentSecurityPolicy: { directives: { 'default-src': ["'self'"] } } });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Fairtally', version, description: 'Rated usage, fair use and what is decided on it.' },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key: ft_…' } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  authorise(app, ledger.db, now);
  auditAnswers(app, ledger.db);
  maskAnswers(app);
  addHealthRoutes(app, ledger.db);
  addUsageRoutes(app, ledger.db);
  addCallRoutes(app, ledger);
  addCaseRoutes(app, ledger);
  addCasePatternRoute(app, ledger);
  addMeRoute(app);
  addCaseActRoutes(app, ledger);
  addConsumerRoutes(app, ledger.db);
  addQuarantineRoutes(app, ledger);
  addCatalogueRoutes(app, ledger);
  addMonthRoutes(app, ledger);
  addAuditRoutes(app, ledger.db);
  app.get('/openapi.json', { config: { scope: 'open' }, schema: { hide: true } }, () => app.swagger());
  if (parts.consoleFolder !== undefined) await addConsolePages(app, parts.consoleFolder);
  await app.ready();
  return app;
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // Beside the route's schemas: a problem that misses a field must not become another.
  return reply
    .code(problem.status)
    .type(PROBLEM)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
}

/** What is the matter, for who asks. What is none of his business is in the log alone. */
function problemOf(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof NotLetInError) return error.problem;
  if (hasZodFastifySchemaValidationErrors(error)) {
    return httpProblem('invalid-request', 'Fields or parameters are wrong: see errors', error.validation.map(fieldOf));
  }
  if (error instanceof DatabaseError && error.retryable) {
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

interface ZodFault {
  readonly instancePath: string;
  readonly message?: string;
  readonly params?: { readonly keys?: readonly string[] };
}

function fieldOf({ instancePath, message = '', params }: ZodFault): FieldProblem {
  const unknown = params?.keys;
  return { code: 'invalid-value', detail: message, pointer: unknown === undefined ? instancePath : unknown.join(', ') };
}

/** 405 where another method would be answered. */
function nothingHere(app: FastifyInstance, { method, url }: FastifyRequest): Problem {
  const path = url.split('?', 1)[0] ?? url;
  const others = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
    (each) => each !== method && app.findRoute({ method: each, url: path }) !== null,
  );
  if (others.length > 0) return httpProblem('method-not-allowed', `Use ${others.join(' or ')}`);
  return httpProblem('not-found', 'No route is of that path');
}
