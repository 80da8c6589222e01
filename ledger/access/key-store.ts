import type { Queryable } from '../database/database.ts';

/** A key of the API, without its secret. Instants in ms since the epoch. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** The id of the one account that it sees; `null`: all. */
  readonly account: string | null;
  /** The one switch whose records it may post; `null`: those of any. */
  readonly switchId: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly usedAt: number | null;
  readonly revokedBy: string | null;
  readonly revokedAt: number | null;
}

export interface NewApiKey extends Pick<ApiKey, 'id' | 'name' | 'scopes' | 'switchId' | 'createdBy' | 'expiresAt'> {
  /** SHA-256 of the secret. */
  readonly secretHash: Buffer;
  /** The ledger's number of the account; `null`: all. */
  readonly accountNo: number | null;
}

export async function addApiKey(q: Queryable, key: NewApiKey): Promise<void> {
  await q.query(
    `insert into api_key (id, secret_hash, name, scopes, account, switch, created_by, expires_at)
     values ($1, decode($2, 'hex'), $3, $4::text[], $5, $6, $7, to_timestamp($8::float8 / 1000))`,
    [
      key.id,
      key.secretHash.toString('hex'),
      key.name,
      [...key.scopes],
      key.accountNo,
      key.switchId,
      key.createdBy,
      key.expiresAt,
    ],
  );
}

const COLUMNS = `k.id, k.name, to_json(k.scopes)::text as scopes, a.id as account, k.switch as "switchId", k.created_by as "createdBy",
  k.created_at as "createdAt", k.expires_at as "expiresAt", k.used_at as "usedAt", k.revoked_by as "revokedBy",
  k.revoked_at as "revokedAt"`;

interface KeyRow extends Omit<ApiKey, 'scopes'> {
  readonly scopes: string;
}

/** All keys, those of today and before, oldest first. */
export async function readApiKeys(q: Queryable): Promise<ApiKey[]> {
  const rows = await q.query<KeyRow>(
    `select ${COLUMNS} from api_key k left join account a on a.no = k.account order by k.created_at, k.id`,
  );
  return rows.map(fromRow);
}

/** A key with the hash of its secret; `null`: there is none of that id. */
export async function findApiKey(
  q: Queryable,
  id: string,
): Promise<{ readonly key: ApiKey; readonly secretHash: Buffer } | null> {
  const [row] = await q.query<KeyRow & { hash: string }>(
    `select ${COLUMNS}, encode(k.secret_hash, 'hex') as hash
     from api_key k left join account a on a.no = k.account where k.id = $1`,
    [id],
  );
  if (row === undefined) return null;
  const { hash, ...key } = row;
  return { key: fromRow(key), secretHash: Buffer.from(hash, 'hex') };
}

/** Revokes a key for good. Whether there was one that was not revoked before. */
export async function revokeApiKey(q: Queryable, id: string, by: string): Promise<boolean> {
  const rows = await q.query(
    `update api_key set revoked_by = $2, revoked_at = clock_timestamp()
     where id = $1 and revoked_at is null returning id`,
    [id, by],
  );
  return rows.length > 0;
}

/** Notes that a key was used, to the minute. */
export async function noteKeyUse(q: Queryable, id: string): Promise<void> {
  await q.query(
    `update api_key set used_at = clock_timestamp()
     where id = $1 and (used_at is null or used_at < clock_timestamp() - interval '1 minute')`,
    [id],
  );
}

function fromRow({ scopes, ...row }: KeyRow): ApiKey {
  return { ...row, scopes: JSON.parse(scopes) as string[] };
}
