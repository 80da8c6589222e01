import { REFUSALS, type Refusal, type RefusalCode, refusalSentence } from '../services/index.ts';

/** A problem as RFC 9457 has it; media type `application/problem+json`. */
export interface Problem {
  /** The page of the code. */
  readonly type: string;
  /** What kind of problem it is: the same for all of its code. */
  readonly title: string;
  readonly status: number;
  /** What is the matter here. */
  readonly detail: string;
  /** A code that programs go by; it never changes its meaning. */
  readonly code: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** What the detail names, by its name: for programs. */
  readonly values?: Readonly<Record<string, string>>;
  /** Everything that is wrong with the request, where it is more than one thing, or of a field. */
  readonly errors?: readonly FieldProblem[];
  /** What is there instead of what the request took to be there. */
  readonly current?: object;
}

export interface FieldProblem {
  readonly code: string;
  readonly detail: string;
  /** JSON pointer into the body, or the name of a parameter: `/lines/0/number`, `limit`. */
  readonly pointer?: string;
}

const PAGE = '/docs/refusals#';

/** Problems that are of HTTP, not of a service. */
export const HTTP_PROBLEMS = {
  'bad-request': { status: 400, title: 'The request cannot be read' },
  'invalid-request': { status: 400, title: 'The request is not what the API takes' },
  unauthorised: { status: 401, title: 'No key that is in force came with the request' },
  forbidden: { status: 403, title: 'The key does not allow this' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'Not with this method' },
  'not-acceptable': { status: 406, title: 'Not in this form' },
  'too-slow': { status: 408, title: 'The request did not come whole in time' },
  'idempotency-key-reused': { status: 409, title: 'The idempotency key was used for another request' },
  'request-under-way': { status: 409, title: 'The same request is under way' },
  'precondition-failed': { status: 412, title: 'It was changed since' },
  'too-large': { status: 413, title: 'The request is too large' },
  'cut-request': { status: 400, title: 'The body ended before its end' },
  'unsupported-media-type': { status: 415, title: 'The body is of a type that the API does not take' },
  'expectation-failed': { status: 417, title: 'The header Expect asks for what the API does not do' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'internal-error': { status: 500, title: 'Fairtally failed' },
  busy: { status: 503, title: 'There is too much to do at once' },
  unavailable: { status: 503, title: 'The ledger cannot be reached now' },
} as const;

export type HttpProblemCode = keyof typeof HTTP_PROBLEMS;

export function httpProblem(code: HttpProblemCode, detail: string, errors?: readonly FieldProblem[]): Problem {
  const { status, title } = HTTP_PROBLEMS[code];
  return { type: `${PAGE}${code}`, title, status, detail, code, ...(errors === undefined ? {} : { errors }) };
}

/**
 * What a service refused: 404 for what the ledger does not have, 409 for what its state does not allow, else 400.
 *
 * @param pointerOf where in the request that stands which a refusal's values name, where one place alone may be meant
 */
export function refusalProblem(
  first: Refusal,
  others: readonly Refusal[],
  pointerOf: (values: Refusal['values']) => string | undefined = () => undefined,
): Problem {
  const { sentence, remedy } = REFUSALS[first.code];
  const errors = [first, ...others].map((each): FieldProblem => {
    const pointer = pointerOf(each.values);
    const of = { code: each.code, detail: refusalSentence(each) };
    return pointer === undefined ? of : { ...of, pointer };
  });
  return {
    type: `${PAGE}${first.code}`,
    title: titleOf(sentence),
    status: refusalStatus(first.code),
    detail: refusalSentence(first),
    code: first.code,
    remedy,
    values: first.values,
    ...(errors.length === 1 && errors[0]?.pointer === undefined ? {} : { errors }),
  };
}

/** The sentence up to its colon, with `…` where it names a value: the same for all problems of its code. */
function titleOf(sentence: string): string {
  const withoutCounts = sentence.replaceAll(/\{\w+\|[^{}|]*\|([^{}]*)\}/g, '… $1');
  return withoutCounts.replaceAll(/\{\w+\}/g, '…').replace(/:.*$/s, '');
}

export function refusalStatus(code: RefusalCode): 400 | 404 | 409 {
  if (REFUSALS[code].of === 'request') return 400;
  return code.endsWith('-unknown') ? 404 : 409;
}
