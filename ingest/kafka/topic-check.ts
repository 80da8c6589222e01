import type { TopicIds } from '../../kafka/index.ts';
import { answerWithin, OperatingFault } from '../../operating/index.ts';

/** Nothing is rated meanwhile, nor is the group told that we live. */
const LONGEST_MS = 15_000;

/**
 * The ids of topics as they are after a fetch: once a topic is made anew its id never comes back, so what was fetched
 * before the question is of the topic with the id that comes as the answer. One question a fetch, topic and broker
 * fetched from.
 */
export class TopicCheck {
  readonly #topicIds: TopicIds;
  readonly #withAdmin: WithAdmin;
  readonly #asked = new Map<string, Promise<string | null>>();

  /** @param withAdmin asks by connections of its own, where the consumer's do not answer */
  constructor(topicIds: TopicIds, withAdmin: WithAdmin) {
    this.#topicIds = topicIds;
    this.#withAdmin = withAdmin;
  }

  /** A fetch has come: what was answered before says nothing of it. */
  onFetched(): void {
    this.#asked.clear();
  }

  /**
   * Whether the topic, after the last fetch, is the one of this id. Brokers that are too old to tell don't contradict.
   * Rejects when nobody answers.
   */
  async isStill(topicId: string | null, topic: string, partition: number): Promise<boolean> {
    const id = await this.#askLeader(topic, partition).catch(() =>
      // A connection may be dead without anybody having noticed.
      answerWithin(
        LONGEST_MS,
        `tell the id of topic '${topic}'`,
        this.#withAdmin((_, topicIds) => topicIds.idOf(topic)),
      ),
    );
    return id === null || id === topicId;
  }

  async #askLeader(topic: string, partition: number): Promise<string | null> {
    const leader = this.#topicIds.leaderOf(topic, partition);
    if (leader === null)
      throw new OperatingFault(`Cannot tell the id of topic '${topic}': partition ${partition} has no leader`);
    const key = `${leader} ${topic}`;
    const asked = this.#asked.get(key) ?? this.#topicIds.idAt(leader, topic);
    this.#asked.set(key, asked);
    return asked;
  }
}

/** Runs `work` with what asks for topic ids by new connections. */
type WithAdmin = <T>(work: (admin: unknown, topicIds: TopicIds) => Promise<T>) => Promise<T>;
