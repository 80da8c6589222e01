import type { TopicIds } from './topic-ids.ts';

/**
 * The ids of topics as they are after a fetch: once a topic is made anew its id never comes back, so what was fetched before
 * the question is of the topic with the id that comes as the answer. One question a fetch and topic.
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

  /** The topic's id, asked after the last fetch; `null` when the brokers can't tell. Rejects as `TopicIds` does. */
  idOf(topic: string): Promise<string | null> {
    const asked = this.#asked.get(topic) ?? this.#topicIds.idOf(topic);
    this.#asked.set(topic, asked);
    return asked;
  }
}
