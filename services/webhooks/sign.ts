import { createHmac, createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto';
import type { WebhookEndpoint, WebhookScheme } from '../../ledger/index.ts';

/** How long secrets before the last one go on signing after a rotation. */
const OVERLAP_MS = 24 * 3_600_000;
/**
 * How many secrets sign then. A rotation that is repeated, since its answer was lost, must not leave receivers with a
 * secret that signs no more; what an old secret signs besides helps nobody who has it.
 */
const MOST_SIGNING = 4;
const SECRET_BYTES = 32;
/** What stands before the 32 bytes of an ed25519 key in DER. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** What a receiver checks deliveries with: `whsec_…`, to be kept secret; of ed25519 `whpk_…`, which anyone may know. */
export function webhookSecret(
  master: Buffer,
  { id, scheme, generation }: Pick<WebhookEndpoint, 'id' | 'scheme' | 'generation'>,
): string {
  const seed = seedOf(master, id, scheme, generation);
  if (scheme === 'hmac') return `whsec_${seed.toString('base64')}`;
  const { x = '' } = createPublicKey(privateKeyOf(seed)).export({ format: 'jwk' });
  return `whpk_${Buffer.from(x, 'base64url').toString('base64')}`;
}

/**
 * The header `webhook-signature` of Standard Webhooks 1.0.0 over `‹id›.‹seconds›.‹body›`: by the secret in force, and
 * for a day after a rotation by those before too.
 */
export function webhookSignature(
  master: Buffer,
  endpoint: Pick<WebhookEndpoint, 'id' | 'scheme' | 'generation' | 'rotatedAt'>,
  message: { readonly id: string; readonly seconds: number; readonly body: string },
  now: number,
): string {
  const { id, scheme, generation, rotatedAt } = endpoint;
  const content = Buffer.from(`${message.id}.${message.seconds}.${message.body}`);
  const isOverlapping = rotatedAt !== null && now < rotatedAt + OVERLAP_MS;
  const signing = isOverlapping ? Math.min(generation, MOST_SIGNING) : 1;
  return Array.from({ length: signing }, (_, back) => generation - back)
    .map((each) => signed(scheme, seedOf(master, id, scheme, each), content))
    .join(' ');
}

function signed(scheme: WebhookScheme, seed: Buffer, content: Buffer): string {
  if (scheme === 'hmac') return `v1,${createHmac('sha256', seed).update(content).digest('base64')}`;
  return `v1a,${sign(null, content, privateKeyOf(seed)).toString('base64')}`;
}

function privateKeyOf(seed: Buffer): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

function seedOf(master: Buffer, id: string, scheme: WebhookScheme, generation: number): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `fairtally webhook ${id} ${scheme} ${generation}`, SECRET_BYTES));
}
