import { AssignerProtocol, type Assigner, type PartitionAssigner } from 'kafkajs';

const NAME = 'fairtally-co-partition';
const VERSION = 0;

/**
 * Gives partition p of every topic to the same member of the group, so that a bucket's accounts, whose records stand in
 * partitions of equal number, are rated by one worker: no other one locks its buckets or moves them on.
 */
export const coPartitionAssigner: PartitionAssigner = ({ cluster }): Assigner => ({
  name: NAME,
  version: VERSION,
  async assign({ members, topics }) {
    const subscribed = members.map(({ memberId, memberMetadata }) => ({
      memberId,
      topics: AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? topics,
    }));
    const partitions = new Map(
      topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)]),
    );
    return [...coPartition(subscribed, partitions)].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment,
        userData: Buffer.alloc(0),
      }),
    }));
  },
  protocol: ({ topics }) => ({
    name: NAME,
    metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) }),
  }),
});

/**
 * Who reads what, by member: of the members in the order of their ids that read the topic, p goes to number p mod
 * count.
 */
export function coPartition(
  members: readonly { readonly memberId: string; readonly topics: readonly string[] }[],
  partitions: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, Record<string, number[]>> {
  const assignments = new Map(members.map(({ memberId }): [string, Record<string, number[]>] => [memberId, {}]));
  for (const [topic, numbers] of partitions) {
    const readers = members
      .filter(({ topics }) => topics.includes(topic))
      .map(({ memberId }) => memberId)
      .toSorted();
    for (const partition of numbers) {
      const assignment = assignments.get(readers[partition % readers.length] ?? '');
      if (assignment !== undefined) (assignment[topic] ??= []).push(partition);
    }
  }
  return assignments;
}
