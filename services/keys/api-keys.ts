import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type ApiKey,
  type Queryable,
  accountOfId,
  addApiKey,
  findApiKey,
  noteKeyUse,
  repeatWhileCut,
} from '../../ledger/index.ts';
import { type Refusal, type Refused, refusal, refused } from '../refusals.ts';
import { randomText } from './random-text.ts';
import { ROLES } from './roles.ts';
import { SCOPES, type Scope, isScope } from './scopes.ts';

const PREFIX = 'ft';
const ID_LENGTH = 12;
const SECRET_BYTES = 32;

/** A key that is to be made. */
export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly string[];
  /** The one account that it is to see. */
  readonly account?: string | undefined;
  /** The one switch whose records it may post; it may nothing else then but ask for quotes. */
  readonly switchId?: string | undefined;
  /** ms since the epoch. */
  readonly expiresAt?: number | undefined;
  readonly by: string;
}

export interface MadeKey {
  readonly kind: 'made';
  readonly id: string;
  /** The whole key: it is shown this once, and kept nowhere. */
  readonly key: string;
}

/** Makes a key. Of its secret, 256 random bits, the ledger keeps a hash alone. */
export async function createApiKey(q: Queryable, request: KeyRequest): Promise<MadeKey | Refused> {
  const unknown = request.scopes.filter((scope) => !isScope(scope));
  if (unknown.length > 0 || request.scopes.length === 0) {
    return refused(refusal('scope-unknown', { scope: unknown.join(', '), scopes: SCOPES.join(', ') }));
  }
  const refusedHere = refusalOfSwitch(request);
  if (refusedHere !== null) return refused(refusedHere);
  const account = request.account === undefined ? undefined : await accountOfId(q, request.account);
  if (account === null) return refused(refusal('account-unknown', { account: request.account ?? '' }));
  const id = randomText(ID_LENGTH);
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  await addApiKey(q, {
    id,
    name: request.name,
    scopes: request.scopes,
    createdBy: request.by,
    expiresAt: request.expiresAt ?? null,
    accountNo: account?.no ?? null,
    switchId: request.switchId ?? null,
    secretHash: hashOf(secret),
  });
  return { kind: 'made', id, key: `${PREFIX}_${id}_${secret}` };
}

/** What is not meant by a key of one switch. */
function refusalOfSwitch({ switchId, scopes, account }: KeyRequest): Refusal | null {
  if (switchId === undefined) return null;
  if (switchId.trim() === '' || account !== undefined) return refusal('key-of-switch-unclear', { switch: switchId });
  const others = scopes.filter((scope) => !SCOPES_OF_SWITCHES.includes(scope));
  if (others.length === 0) return null;
  return refusal('key-of-switch-too-wide', { switch: switchId, scope: others.join(', ') });
}

const SCOPES_OF_SWITCHES: readonly string[] = ROLES.switch;

/** Who asks: a key that is in force. */
export interface KeyHolder {
  readonly id: string;
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly account: string | null;
  /** The one switch whose records he may post; `null`: those of any. */
  readonly switchId: string | null;
}

/** Who holds a key; `null`: nobody, or not any more. The same answer, in the same time, whatever is wrong with it. */
export async function keyHolder(q: Queryable, key: string, now: number): Promise<KeyHolder | null> {
  const match = /^ft_([0-9A-Za-z]{12})_([0-9a-f]{64})$/.exec(key);
  const found = await repeatWhileCut(() => findApiKey(q, match?.[1] ?? ''));
  const isRight = timingSafeEqual(hashOf(match?.[2] ?? ''), found?.secretHash ?? hashOf('none'));
  if (found === null || !isRight || !isInForce(found.key, now)) return null;
  await noteKeyUse(q, found.key.id);
  const { id, name, account, switchId } = found.key;
  return { id, name, account, switchId, scopes: new Set(found.key.scopes.filter(isScope)) };
}

function isInForce({ revokedAt, expiresAt }: ApiKey, now: number): boolean {
  return revokedAt === null && (expiresAt === null || now < expiresAt);
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
