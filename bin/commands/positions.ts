import { readPartitionStatuses, sourceOfRekeying, sourceOfTopic, type PartitionStatus } from '../../ingest/index.ts';
import type { BatchFault, FindBatchFault } from '../../kafka/index.ts';
import type { KeptSourceMove } from '../../ledger/index.ts';
import { checkMove, movePosition as moveInLedger, type MoveRequest, sourceHistory } from '../../services/index.ts';
import { askKafka } from '../ask-kafka.ts';
import { CommandError, usageError } from '../command-error.ts';
import { withExistingLedger } from '../open-ledger.ts';
import { PROGRAM } from '../program-name.ts';
import { refusalError } from '../refusal-error.ts';
import { plural, showCount } from '../show-values.ts';
import { settlementLines } from './holes.ts';
import { readStreamConfig, type StreamConfig, type StreamOptions } from '../stream-config.ts';
import { type Terminal, print } from '../terminal.ts';
import { textTable } from '../text-table.ts';

/**
 * `fairtally topics positions`: where the ledger stands in every partition, which are stopped and why, and what
 * people moved. Whether a partition stands before a batch that can't be read is found by reading it, as workers do.
 */
export async function listPositions(options: StreamOptions, terminal: Terminal): Promise<void> {
  const config = readStreamConfig(options, terminal);
  await withExistingLedger(options, terminal, (ledger) =>
    askKafka(config, terminal, async (admin, topicIds, findBatchFault) => {
      const existing = new Set(await admin.listTopics());
      for (const { topic, source } of readTopics(config)) {
        if (!existing.has(topic)) print(terminal, `${topic}: the topic does not exist`);
        else {
          const statuses = await readPartitionStatuses(ledger.db, { admin, topicIds }, topic, source);
          const faults = await faultsOf(topic, statuses, findBatchFault);
          print(
            terminal,
            `${topic}:`,
            ...positionTable(statuses, faults),
            ...faultLines(faults),
            ...holeLines(statuses, source),
          );
        }
        const { moves, settled } = await sourceHistory(ledger, source);
        print(terminal, ...moves.map(moveLine), ...settlementLines(settled));
      }
    }),
  );
}

/** The topics that a worker reads, each with the source under which the ledger keeps its positions. */
function readTopics({ topics, rekeyedTopic }: StreamConfig): { readonly topic: string; readonly source: string }[] {
  const given = topics.map(({ name, isKeyedByAccount }) => ({
    topic: name,
    source: isKeyedByAccount ? sourceOfTopic(name) : sourceOfRekeying(name),
  }));
  if (topics.every(({ isKeyedByAccount }) => isKeyedByAccount)) return given;
  return [...given, { topic: rekeyedTopic, source: sourceOfTopic(rekeyedTopic) }];
}

const COLUMNS = [
  { heading: 'partition', align: 'right' },
  { heading: 'ledger', align: 'right' },
  { heading: 'log start', align: 'right' },
  { heading: 'log end', align: 'right' },
  { heading: 'lag', align: 'right' },
  { heading: 'state', align: 'left' },
] as const;

/** What keeps a partition from being read on, though the log has its position. */
type ReadFault = BatchFault | { readonly refusal: string };

async function faultsOf(
  topic: string,
  statuses: ReadonlyMap<number, PartitionStatus>,
  findBatchFault: FindBatchFault,
): Promise<ReadonlyMap<number, ReadFault>> {
  const faults = new Map<number, ReadFault>();
  for (const [partition, { kind, position, bounds }] of [...statuses].toSorted(([a], [b]) => a - b)) {
    if (kind === 'stopped' || position >= bounds.end) continue;
    const fault = await findBatchFault(topic, partition, position).catch((error: unknown) => ({
      refusal: error instanceof Error ? error.message : String(error),
    }));
    if (fault !== null) faults.set(partition, fault);
  }
  return faults;
}

function positionTable(
  statuses: ReadonlyMap<number, PartitionStatus>,
  faults: ReadonlyMap<number, ReadFault>,
): string[] {
  const rows = [...statuses].toSorted(([a], [b]) => a - b);
  return textTable(
    COLUMNS,
    rows.map(([partition, status]) => {
      const { position, bounds } = status;
      return [
        String(partition),
        status.known === null ? '-' : String(position),
        String(bounds.start),
        String(bounds.end),
        showCount(Math.max(0, bounds.end - position)),
        stateOf(status, faults.get(partition)),
      ];
    }),
  );
}

function stateOf(status: PartitionStatus, fault: ReadFault | undefined): string {
  if (status.kind === 'stopped') return status.reason;
  if (fault !== undefined) return 'refusal' in fault ? 'not known' : 'unreadable-batch';
  return status.known === null || status.known.isUntouched ? 'nothing taken in yet' : 'ok';
}

function faultLines(faults: ReadonlyMap<number, ReadFault>): string[] {
  return [...faults].map(([partition, fault]) => {
    if ('refusal' in fault) return `  partition ${partition}: Cannot read what follows: ${fault.refusal}`;
    const { offset, problem, end } = fault;
    return `  stopped: partition ${partition}: Cannot read the batch at ${offset}${end === null ? '' : `, which ends before ${end}`}: ${problem}`;
  });
}

/** What the ledger passed and nothing explains, by partition: no message, no control record and no person's move. */
function holeLines(statuses: ReadonlyMap<number, PartitionStatus>, source: string): string[] {
  const holes = [...statuses].toSorted(([a], [b]) => a - b).map(([no, { known }]) => [no, known?.hole ?? 0] as const);
  const lines = holes.flatMap(([partition, hole]) => {
    if (hole === 0) return [];
    const what = hole > 0 ? 'were passed, and nothing explains them' : 'were counted twice';
    return [`  holes: partition ${partition}: ${plural(Math.abs(hole), 'offset')} ${what}`];
  });
  if (lines.length === 0) return ['  holes: none'];
  return [...lines, `  once explained: ${PROGRAM} holes settle '${source}' PARTITION --hole COUNT`];
}

function moveLine({ partition, from, to, by, note, at }: KeptSourceMove): string {
  return `  ${new Date(at).toISOString()}: partition ${partition} moved from ${from ?? 'nothing'} to ${to} by ${by}: ${note}`;
}

export interface MoveOptions extends StreamOptions, Pick<MoveRequest, 'to' | 'by' | 'note'> {}

/**
 * `fairtally topics move TOPIC PARTITION --to …`: has a partition read on from elsewhere, which is how a stopped one
 * goes on. It is kept with who did and why; running workers follow by themselves.
 */
export async function movePosition(
  [topic, partitionText]: readonly [string, string],
  options: MoveOptions,
  terminal: Terminal,
): Promise<void> {
  const config = readStreamConfig(options, terminal);
  const read = readTopics(config).find((each) => each.topic === topic);
  if (read === undefined) {
    throw usageError(
      `Cannot move topic '${topic}': no worker of this configuration reads it (--topic, FAIRTALLY_TOPICS)`,
    );
  }
  const { to, by, note } = options;
  const fault = checkMove({ by });
  if (fault !== null) throw refusalError(fault);
  const { source } = read;
  await withExistingLedger(options, terminal, async (ledger) => {
    const status = await askKafka(config, terminal, async (admin, topicIds) =>
      (await readPartitionStatuses(ledger.db, { admin, topicIds }, topic, source)).get(Number(partitionText)),
    );
    if (status === undefined || !/^\d+$/.test(partitionText)) {
      throw new CommandError(
        `Cannot move partition '${partitionText}' of topic '${topic}': it has none of that number`,
      );
    }
    const { known, topicId, bounds } = status;
    const from = known?.position ?? null;
    const request = { source, partition: Number(partitionText), to, by, note, from, bounds, topicId: topicId ?? null };
    const moved = await moveInLedger(ledger, request);
    if (moved.kind === 'refused') throw refusalError(moved);
    print(
      terminal,
      `${source}/${partitionText}: from ${from ?? 'nothing'} to ${moved.to}, ${whatItMeans(status, moved.to)}`,
    );
  });
}

function whatItMeans(status: PartitionStatus, to: number): string {
  const { known, position } = status;
  if (known === null) return 'where reading begins';
  if (status.kind === 'stopped' && status.reason === 'topic-made-anew') return 'in the topic as it is now';
  if (to > position) return `${plural(to - position, 'message')} are skipped`;
  return `${plural(position - to, 'message')} are read again: calls that the ledger has are recognised`;
}
