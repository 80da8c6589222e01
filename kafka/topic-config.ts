import type { Admin } from 'kafkajs';

/** `ConfigResourceTypes.TOPIC`, which kafkajs does not export in a way that Node.js sees. */
const TOPIC = 2;

/**
 * Whether a topic is compacted: then its log has gaps that nobody can tell from a loss. `null` when nobody says, as
 * when we have no right to see its configuration.
 */
export async function isCompacted(admin: Pick<Admin, 'describeConfigs'>, topic: string): Promise<boolean | null> {
  const name = 'cleanup.policy';
  const resources = [{ type: TOPIC, name: topic, configNames: [name] }];
  const answer = await admin.describeConfigs({ includeSynonyms: false, resources }).catch(() => null);
  const entries = answer?.resources.flatMap(({ configEntries }) => configEntries) ?? [];
  const policy = entries.find(({ configName }) => configName === name)?.configValue;
  return policy?.includes('compact') ?? null;
}
