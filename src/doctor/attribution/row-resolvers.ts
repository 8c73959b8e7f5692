import { parseConnectionName } from '../../identity/connection-name.js';
import { SENTINEL_LINK } from '../client-list/protected-rows.js';
import type { Attribution, Peer, Resolver } from './attribution.js';

/** Reads the names that redis-hygiene gives, those of an ioredis Cluster's own sockets too. */
export const nameResolver: Resolver = {
  source: 'name',
  attribute({ name }) {
    const parts = parseConnectionName(name);
    if (!parts) return undefined;
    const { service, host, role } = parts;
    return { owner: `${service}@${host}`, source: 'name', confidence: 'certain', service, host, role };
  },
};

function at({ ip, port }: Peer): string {
  if (port === undefined || port === 0) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function ownerOf(peer: Peer): string {
  if (peer.link === 'master') return `master ${at(peer)}`;
  if (peer.link === 'replica') return `replica ${peer.ip}`;
  const [, runId = ''] = SENTINEL_LINK.exec(peer.name) ?? [];
  return `sentinel ${runId} at ${peer.ip}`;
}

/** Names servers: replicas, the master, and the sentinels that watch. The server itself tells them from clients. */
export const serverLinkResolver: Resolver = {
  source: 'server',
  attribute(peer): Attribution | undefined {
    if (peer.link === 'client') return undefined;
    return { owner: ownerOf(peer), source: 'server', confidence: 'certain', role: peer.link };
  },
};

/**
 * The form that libraries agree on: `library(tag)`, several tags with `;` between them. ioredis and node-redis have it as
 * `clientInfoTag`, Jedis as `ClientSetInfoConfig`; redis-py and Lettuce put there the libraries that use them.
 *
 * @see https://redis.io/docs/latest/commands/client-setinfo/
 */
const TAGGED = /^([^()]+)\(([^()]*)\)$/;

/** A library on top of the library, as that page asks for: `spring-data-redis_v3.2.0`. It says nothing of who uses it. */
const FRAMEWORK = /^.+_v\d+(\.\d+)+\S*$/;

/**
 * go-redis always has braces: `go-redis(suffix,go1.22.1)`, the suffix mostly empty.
 *
 * @see https://github.com/redis/go-redis/blob/v9.7.0/commands.go (ClientSetInfo)
 */
const GO_VERSION = /,(?:go|devel)[^,]*$/;

function tagsOf(libName: string): readonly string[] {
  const [, library = '', inner = ''] = TAGGED.exec(libName) ?? [];
  const text = library === 'go-redis' ? inner.replace(GO_VERSION, '') : inner;
  return text.split(';').filter((tag) => tag !== '' && !FRAMEWORK.test(tag));
}

/** Takes the tag in `lib-name` for the name of the service; one of our own form is read as such. */
export const libraryTagResolver: Resolver = {
  source: 'library-tag',
  attribute({ libName }) {
    const [tag] = tagsOf(libName);
    if (tag === undefined) return undefined;
    const { service, host } = parseConnectionName(tag) ?? { service: tag, host: undefined };
    const owner = host === undefined ? service : `${service}@${host}`;
    return {
      owner,
      source: 'library-tag',
      confidence: 'likely',
      service,
      ...(host !== undefined && { host }),
      note: `lib-name=${libName}`,
    };
  },
};

type Said = Omit<Attribution, 'source' | 'confidence'>;

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
function isLibraryName(name: string): boolean {
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
  attribute(peer) {
    const words = peer.name === '' ? undefined : said(peer);
    return words && { ...words, source: 'library', confidence: 'likely' };
  },
};

/** What an ioredis Cluster puts before the name that it was given. */
const CLUSTER_PREFIX = /^ioredis-cluster\([a-z]+\):/;

/** Takes any name that somebody has chosen, and that is not ours, for its owner. */
export const otherNameResolver: Resolver = {
  source: 'other-name',
  attribute({ name, link }) {
    const chosen = name.replace(CLUSTER_PREFIX, '');
    if (chosen === '' || link !== 'client' || isLibraryName(chosen)) return undefined;
    if (parseConnectionName(name)) return undefined;
    return { owner: chosen, source: 'other-name', confidence: 'likely' };
  },
};

/** Those who read in the row itself, and need to ask nobody. */
export const staticResolvers: readonly Resolver[] = [
  nameResolver,
  serverLinkResolver,
  libraryTagResolver,
  otherNameResolver,
  libraryResolver,
];
