import type { Redis } from 'ioredis';
import type { Clock } from '../clock.ts';
import { type Random, randomBase62 } from '../random.ts';
import { ChangeListeners, type OnChange } from './change-listeners.ts';
import { withDeadline } from './failure.ts';
import { Freshness, type Moment } from './freshness.ts';
import type { StoreLogger } from './logger.ts';
import type { RedisMaster } from './redis-connection.ts';
import { COMMAND_DEADLINE_MS } from './redis-options.ts';
import type { RecordKey, Watch } from './store.ts';

// Three heartbeats fit into WATCH_DELAY_MS, so that one that is late does not blind the watch.
const HEARTBEAT_MS = 200;
// A subscription without a heartbeat for this long is on a connection that only looks alive (an old master after a failover),
// or that ioredis has given up. Longer than reconnecting takes, because replacing it means to begin anew.
const REPLACE_AFTER_MS = 4_000;
const NONCE_LENGTH = 16;

/** Tells of changes that the scripts publish on `channel`, by this and by all other processes. */
export class RedisChanges {
  readonly #masters: () => RedisMaster[];
  readonly #channel: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #listeners: ChangeListeners;
  readonly #subscriptions = new Map<string, Subscription>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    masters: () => RedisMaster[];
    channel: string;
    clock: Clock;
    random: Random;
    logger: StoreLogger | undefined;
  }) {
    this.#masters = options.masters;
    this.#channel = options.channel;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#listeners = new ChangeListeners(options.logger);
  }

  /** Resolves when changes made from now on will be told. */
  async watch(onChange: OnChange): Promise<Watch> {
    const remove = this.#listeners.add(onChange);
    let open = true;
    const close = async () => {
      open = false;
      remove();
      if (this.#listeners.size === 0) this.stop();
    };
    this.#timer ??= setInterval(() => this.#tick(), HEARTBEAT_MS).unref();
    this.#tick();
    try {
      const subscribed = [...this.#subscriptions.values()].map((subscription) => subscription.fresh());
      await withDeadline(Promise.all(subscribed), COMMAND_DEADLINE_MS);
    } catch (error) {
      await close();
      throw error;
    }
    return { live: () => open && this.#isLive(), close };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const subscription of this.#subscriptions.values()) subscription.stop();
    this.#subscriptions.clear();
  }

  #isLive(): boolean {
    const masters = this.#masters();
    return masters.length > 0 && masters.every(({ name }) => this.#subscriptions.get(name)?.isFresh() ?? false);
  }

  #tick(): void {
    const masters = new Map(this.#masters().map((master) => [master.name, master]));
    for (const [name, subscription] of this.#subscriptions) {
      if (masters.has(name) && subscription.silentMs() < REPLACE_AFTER_MS) continue;
      subscription.stop();
      this.#subscriptions.delete(name);
    }
    for (const [name, master] of masters) {
      const subscription = this.#subscriptions.get(name) ?? this.#subscribe(master);
      subscription.heartbeat(master.commands);
    }
  }

  #subscribe(master: RedisMaster): Subscription {
    const subscription = new Subscription({
      connection: master.subscriber(),
      channel: this.#channel,
      heartbeatChannel: `${this.#channel}:heartbeat:${randomBase62(this.#random, NONCE_LENGTH)}`,
      freshness: new Freshness(this.#clock),
      tell: (key) => this.#listeners.tell(key),
    });
    this.#subscriptions.set(master.name, subscription);
    return subscription;
  }
}

interface SubscriptionOptions {
  connection: Redis;
  channel: string;
  heartbeatChannel: string;
  freshness: Freshness;
  tell: OnChange;
}

/**
 * The subscription at one server. A heartbeat is published on the connection for commands and comes back on the one for
 * changes, behind every change published at that server before it: having seen it, nothing older can be missing.
 *
 * On a cluster each master has its own, because only the server that publishes keeps that order.
 */
class Subscription {
  readonly #options: SubscriptionOptions;
  #waiting: (() => void)[] = [];
  // Grows with each connection: a heartbeat sent before a break proves nothing about what was missed during it.
  #epoch = 0;
  #subscribed = false;
  #heardMs = performance.now();
  #heartbeats = new Map<string, Moment>();
  #nextHeartbeat = 0;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    const { connection } = options;
    // Failures show as a missing heartbeat; without a listener they would end the process.
    connection.on('error', () => {});
    connection.on('close', () => this.#lost());
    connection.on('ready', () => void this.#begin());
    connection.on('message', (channel: string, message: string) => this.#receive(channel, message));
    connection.connect().catch(() => {});
  }

  isFresh(): boolean {
    return this.#options.freshness.isFresh();
  }

  /** How long nothing has come back on it. */
  silentMs(): number {
    return performance.now() - this.#heardMs;
  }

  /** Resolves when a heartbeat has come back, at once when one just has. */
  async fresh(): Promise<void> {
    if (!this.isFresh()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  heartbeat(commands: Redis | undefined): void {
    const { freshness, heartbeatChannel } = this.#options;
    if (!this.#subscribed || commands === undefined) return;
    const token = `${this.#epoch}:${this.#nextHeartbeat++}`;
    this.#heartbeats.set(token, freshness.now());
    // A heartbeat that cannot be sent is one that does not come back.
    commands.publish(heartbeatChannel, token).catch(() => {});
  }

  stop(): void {
    this.#lost();
    this.#options.connection.disconnect();
  }

  async #begin(): Promise<void> {
    const { connection, channel, heartbeatChannel, tell } = this.#options;
    const epoch = this.#epoch;
    try {
      await connection.subscribe(channel, heartbeatChannel);
    } catch {
      connection.disconnect(true);
      return;
    }
    if (epoch !== this.#epoch) return;
    this.#subscribed = true;
    // Only now: what is read again from here on is told of when it changes.
    tell(undefined);
  }

  #lost(): void {
    this.#epoch++;
    this.#subscribed = false;
    this.#heartbeats.clear();
    this.#options.freshness.forget();
  }

  #receive(channel: string, message: string): void {
    if (channel === this.#options.channel) {
      this.#options.tell(parseNotice(message));
      return;
    }
    const sent = this.#heartbeats.get(message);
    if (sent === undefined) return;
    // Older ones that are still out prove nothing more.
    for (const token of this.#heartbeats.keys()) {
      this.#heartbeats.delete(token);
      if (token === message) break;
    }
    this.#options.freshness.knownUpTo(sent);
    this.#heardMs = performance.now();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** The text that names a changed record on the channel. */
export function noticeOf({ partition, kind, id }: RecordKey): string {
  return JSON.stringify([partition, kind, id]);
}

/** A notice that cannot be read may have been about anything. */
function parseNotice(message: string): RecordKey | undefined {
  try {
    const parts: unknown = JSON.parse(message);
    if (!Array.isArray(parts)) return undefined;
    const [partition, kind, id] = parts as unknown[];
    if (typeof partition !== 'string' || typeof kind !== 'string' || typeof id !== 'string') return undefined;
    return { partition, kind, id };
  } catch {
    return undefined;
  }
}
