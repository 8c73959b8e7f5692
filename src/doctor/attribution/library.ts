import type { Claim, Peer, Resolver } from './claim.js';

type Said = Omit<Claim, 'source' | 'confidence'>;

/** One kind of name that a library or a tool gives by itself. */
interface KnownName {
  readonly pattern: RegExp;
  /** What it says; nothing where it names a library and nobody who uses it. */
  readonly read: (match: RegExpExecArray, peer: Peer) => Said | undefined;
}

/** A tool runs in many places under one name, so the address belongs to it. */
function tool(name: string, note?: string) {
  return (_match: RegExpExecArray, { ip }: Peer): Said => ({
    owner: `${name} at ${ip}`,
    ...(note !== undefined && { note }),
  });
}

/** Base64 that Node would have written for a text: anything else is a name that only looks like it. */
function decodeBase64(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').toString('base64') === encoded ? text : undefined;
}

function queueRole(suffix: string): string {
  return suffix === ':qe' ? 'queue-events' : 'worker';
}

/**
 * BullMQ and Bull: `<prefix>:<base64 of the queue>`, a worker's with `:w:<its name>` behind it, that of QueueEvents with
 * `:qe`. `bull` is the prefix unless somebody sets another one, by which the name cannot be known.
 *
 * @see https://github.com/taskforcesh/bullmq/blob/v6.7.0/src/classes/redis-queue-backend.ts (clientName)
 */
const bullQueue: KnownName = {
  pattern: /^bull:([A-Za-z\d+/]+={0,2})(:qe|:w:(.*))?$/,
  read([, encoded = '', suffix = '', worker]) {
    const queue = decodeBase64(encoded);
    if (queue === undefined) return undefined;
    const who = worker ? `, worker ${worker}` : '';
    return { owner: `bull:${queue}`, role: queueRole(suffix), note: `queue ${queue} of BullMQ${who}` };
  },
};

/** What is known, each with the place where it is documented or written. */
const known: readonly KnownName[] = [
  bullQueue,
  /**
   * StackExchange.Redis: the name of the machine, unless `ClientName` is set.
   *
   * @see https://github.com/StackExchange/StackExchange.Redis DefaultOptionsProvider.cs (GetDefaultClientName)
   */
  {
    pattern: /^(.+)\(SE\.Redis-v[\d.]+\S*\)$/,
    read: ([, host = '']) => ({ owner: host, host, note: 'StackExchange.Redis names the machine' }),
  },
  /**
   * Sidekiq up to 6: its process id, which is 1 in most containers.
   *
   * @see https://github.com/sidekiq/sidekiq/wiki/Logging
   */
  {
    pattern: /^Sidekiq-server-PID-(\d+)$/,
    read: ([, pid = ''], { ip }) => ({ owner: `sidekiq at ${ip}`, note: `process ${pid}` }),
  },
  /** @see https://github.com/oliver006/redis_exporter exporter/exporter.go (SetClientName) */
  { pattern: /^redis_exporter$/, read: tool('redis_exporter') },
  /** `redisinsight-<part of it>-<id>` @see https://github.com/redis/RedisInsight (CONNECTION_NAME_GLOBAL_PREFIX) */
  { pattern: /^redisinsight-/i, read: tool('RedisInsight') },
  /**
   * ioredis: what a Cluster opens for itself, where it was given no name.
   *
   * @see https://github.com/redis/ioredis/blob/v6.0.0/lib/cluster/util.ts (getConnectionName)
   */
  { pattern: /^ioredis-cluster\([a-z]+\)$/, read: () => undefined },
];

/** Whether a name is one that a library gives by itself, so that nobody chose it. */
export function isLibraryName(name: string): boolean {
  return known.some(({ pattern }) => pattern.test(name));
}

function said(peer: Peer): Said | undefined {
  for (const { pattern, read } of known) {
    const match = pattern.exec(peer.name);
    if (match) return read(match, peer);
  }
  return undefined;
}

/** Reads the names that libraries and tools give by themselves. */
export const libraryResolver: Resolver = {
  source: 'library',
  claim(peer) {
    const words = peer.name === '' ? undefined : said(peer);
    return words && { ...words, source: 'library', confidence: 'likely' };
  },
};
