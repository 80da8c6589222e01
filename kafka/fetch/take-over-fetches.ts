import requests from 'kafkajs/src/protocol/requests/fetch/index.js';
import { FetchReader, keyOf } from './fetch-reader.ts';
import { GREATEST_VERSION, LEAST_VERSION, readFetchResponse } from './fetch-response.ts';

type MakeFetch = ReturnType<typeof requests.protocol>;
type FetchOptions = Parameters<MakeFetch>[0];
type FetchProtocol = ReturnType<MakeFetch>;

let isTakenOver = false;

/**
 * Has us, in place of kafkajs, read what brokers answer to fetches, in this whole process. kafkajs would unpack
 * whatever comes, however much it is, and gives up all partitions of a consumer for a batch of one that it can't
 * read (`docs/decisions/0019-what-a-message-may-hold.md`). To be called before anything is fetched; once is enough.
 */
export function takeOverFetches(): void {
  if (isTakenOver) return;
  isTakenOver = true;
  const reader = new FetchReader();
  const original = requests.protocol;
  requests.protocol = ({ version }) => {
    const make = original({ version });
    const isOurs = version >= LEAST_VERSION && version <= GREATEST_VERSION;
    return isOurs ? (options) => takenOver(reader, version, options, make) : make;
  };
}

function takenOver(reader: FetchReader, version: number, options: FetchOptions, make: MakeFetch): FetchProtocol {
  const asked = new Map<string, number>();
  for (const { topic, partitions } of options.topics) {
    for (const { partition, fetchOffset } of partitions) asked.set(keyOf(topic, partition), Number(fetchOffset));
  }
  const made = make(withRoom(options, reader, asked.size));
  const decode = async (bytes: Buffer) => {
    const response = readFetchResponse(bytes, version);
    return { ...response, responses: await reader.read(response, asked) };
  };
  return { ...made, response: { ...made.response, decode } };
}

/**
 * The request, asking for no more than there will be room for once it is decompressed. Brokers fill an answer in
 * the order asked for, and send a large batch to the first partition that has something alone: each has its turn to
 * be the first.
 */
function withRoom(options: FetchOptions, reader: FetchReader, partitions: number): FetchOptions {
  const topics = options.topics.map(({ topic, partitions: some }) => ({
    topic,
    partitions: some
      .map((asked) => ({ ...asked, maxBytes: reader.roomToAsk(asked.maxBytes, partitions) }))
      .toSorted((a, b) => reader.compareTurns(keyOf(topic, a.partition), keyOf(topic, b.partition))),
  }));
  const inOrder = topics.toSorted((a, b) => reader.compareTurns(firstOf(a), firstOf(b)));
  const mostBytes = Math.max(1, ...topics.flatMap((topic) => topic.partitions.map(({ maxBytes }) => maxBytes)));
  return { ...options, topics: inOrder, minBytes: Math.min(options.minBytes, mostBytes) };
}

function firstOf({ topic, partitions }: FetchOptions['topics'][number]): string {
  return keyOf(topic, partitions[0]?.partition ?? 0);
}
