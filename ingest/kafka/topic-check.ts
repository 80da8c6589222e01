import type { TopicIds } from './topic-ids.ts';

/**
 * The ids of topics as they are after a fetch: once a topic is made anew its id never comes back, so what was fetched before
 * the question is of the topic with the id that comes as the answer. One question a fetch, topic and broker fetched from.
 */
export class TopicCheck {
  readonly #topicIds: TopicIds;
  readonly #asked = new Map<string, Promise<string | null>>();

  constructor(topicIds: TopicIds) {
    this.#topicIds = topicIds;
  }

  /** A fetch has come: what was answered before says nothing of it. */
  onFetched(): void {
    this.#asked.clear();
  }

  /** The topic's id as the partition's leader says, asked after the last fetch. Answers and rejects as `TopicIds` does. */
  async idOf(topic: string, partition: number): Promise<string | null> {
    const leader = this.#topicIds.leaderOf(topic, partition);
    if (leader === null)
      throw new Error(`Cannot tell the id of topic '${topic}': partition ${partition} has no leader`);
    const key = `${leader} ${topic}`;
    const asked = this.#asked.get(key) ?? this.#topicIds.idAt(leader, topic);
    this.#asked.set(key, asked);
    return asked;
  }
}
