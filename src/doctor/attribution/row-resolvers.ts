import { parseConnectionName } from '../../identity/connection-name.js';
import { SENTINEL_CONNECTION_NAME } from '../client-list/protected-rows.js';
import type { Attribution, Peer, Resolver } from './attribution.js';

/** Reads connection names given by redis-hygiene, including those on the internal sockets of an ioredis Cluster. */
export const nameResolver: Resolver = {
  source: 'name',
  attribute({ name }) {
    const parts = parseConnectionName(name);
    if (!parts) return undefined;
    const { service, host, role } = parts;
    return { owner: `${service}@${host}`, source: 'name', confidence: 'certain', service, host, role };
  },
};

/** Names replicas, the master, and the sentinels that watch the server. The server itself tells them from clients. */
export const serverResolver: Resolver = {
  source: 'server',
  attribute(peer): Attribution | undefined {
    if (peer.kind === 'client') return undefined;
    return { owner: serverNameOf(peer), source: 'server', confidence: 'certain', role: peer.kind };
  },
};

function serverNameOf(peer: Peer): string {
  if (peer.kind === 'master') return `master ${formatAddress(peer)}`;
  if (peer.kind === 'replica') return `replica ${peer.ip}`;
  const [, runId = ''] = SENTINEL_CONNECTION_NAME.exec(peer.name) ?? [];
  return `sentinel ${runId} at ${peer.ip}`;
}

function formatAddress({ ip, port }: Peer): string {
  if (port === undefined || port === 0) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Reads the tag in `lib-name` as the name of the service. A tag of the form `service@host` gives the host too. */
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

/**
 * The common form of `lib-name`: `library(tag)`, several tags separated by `;`. ioredis and node-redis set the tag with
 * `clientInfoTag`, Jedis with `ClientSetInfoConfig`; redis-py and Lettuce put the libraries there that use them.
 *
 * @see https://redis.io/docs/latest/commands/client-setinfo/
 */
const TAGGED_LIB_NAME = /^([^()]+)\(([^()]*)\)$/;

/** A framework on top of the library, in the form that the page above asks for: `spring-data-redis_v3.2.0`. Not a service. */
const FRAMEWORK_TAG = /^.+_v\d+(\.\d+)+\S*$/;

/**
 * The Go version in the tag of go-redis, which always writes brackets: `go-redis(suffix,go1.22.1)`. The suffix is usually
 * empty.
 *
 * @see https://github.com/redis/go-redis/blob/v9.7.0/commands.go (ClientSetInfo)
 */
const GO_VERSION = /,(?:go|devel)[^,]*$/;

function tagsOf(libName: string): readonly string[] {
  const [, library = '', inner = ''] = TAGGED_LIB_NAME.exec(libName) ?? [];
  const text = library === 'go-redis' ? inner.replace(GO_VERSION, '') : inner;
  return text.split(';').filter((tag) => tag !== '' && !FRAMEWORK_TAG.test(tag));
}

/** Reads the names that libraries and tools give to their connections by default. */
export const libraryResolver: Resolver = {
  source: 'library',
  attribute(peer) {
    const facts = peer.name === '' ? undefined : readDefaultName(peer);
    return facts && { ...facts, source: 'library', confidence: 'likely' };
  },
};

type NameFacts = Omit<Attribution, 'source' | 'confidence'>;

/** A form of connection name that a library or tool uses by default. */
interface DefaultName {
  readonly pattern: RegExp;
  /** What the name says; `undefined` if it identifies the library but not its user. */
  readonly read: (match: RegExpExecArray, peer: Peer) => NameFacts | undefined;
}

/** A tool runs in many places under one name, so its address is part of the owner. */
function toolAtAddress(tool: string) {
  return (_match: RegExpExecArray, { ip }: Peer): NameFacts => ({ owner: `${tool} at ${ip}` });
}

/** Decodes base64 exactly as Node encodes it. Any other text is a name that only looks like base64. */
function decodeBase64(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').toString('base64') === encoded ? text : undefined;
}

/**
 * BullMQ and Bull: `<prefix>:<base64 of the queue>`, followed by `:w:<name>` for a worker and `:qe` for QueueEvents. Only
 * the default prefix `bull` is recognised; a custom prefix could be anything.
 *
 * @see https://github.com/taskforcesh/bullmq/blob/v6.7.0/src/classes/redis-queue-backend.ts (clientName)
 */
const bullQueueName: DefaultName = {
  pattern: /^bull:([A-Za-z\d+/]+={0,2})(:qe|:w:(.*))?$/,
  read([, encoded = '', suffix = '', worker]) {
    const queue = decodeBase64(encoded);
    if (queue === undefined) return undefined;
    const workerNote = worker ? `, worker ${worker}` : '';
    const role = suffix === ':qe' ? 'queue-events' : 'worker';
    return { owner: `bull:${queue}`, role, note: `queue ${queue} of BullMQ${workerNote}` };
  },
};

/** All known default names, each with the place where it is documented or written. */
const defaultNames: readonly DefaultName[] = [
  bullQueueName,
  /**
   * StackExchange.Redis: the name of the machine, unless `ClientName` is set.
   *
   * @see https://github.com/StackExchange/StackExchange.Redis DefaultOptionsProvider.cs (GetDefaultClientName)
   */
  {
    pattern: /^(.+)\(SE\.Redis-v[\d.]+\S*\)$/,
    read: ([, host = '']) => ({ owner: host, host, note: 'machine name, set by StackExchange.Redis' }),
  },
  /**
   * Sidekiq up to version 6: its process id, which is 1 in most containers.
   *
   * @see https://github.com/sidekiq/sidekiq/wiki/Logging
   */
  {
    pattern: /^Sidekiq-server-PID-(\d+)$/,
    read: ([, pid = ''], { ip }) => ({ owner: `sidekiq at ${ip}`, note: `process ${pid}` }),
  },
  /** @see https://github.com/oliver006/redis_exporter exporter/exporter.go (SetClientName) */
  { pattern: /^redis_exporter$/, read: toolAtAddress('redis_exporter') },
  /** `redisinsight-<component>-<id>` @see https://github.com/redis/RedisInsight (CONNECTION_NAME_GLOBAL_PREFIX) */
  { pattern: /^redisinsight-/i, read: toolAtAddress('RedisInsight') },
  /**
   * ioredis: internal connections of a Cluster that was given no name.
   *
   * @see https://github.com/redis/ioredis/blob/v6.0.0/lib/cluster/util.ts (getConnectionName)
   */
  { pattern: /^ioredis-cluster\([a-z]+\)$/, read: () => undefined },
];

/** Whether a library gives this name by default, so that nobody chose it. */
function isDefaultName(name: string): boolean {
  return defaultNames.some(({ pattern }) => pattern.test(name));
}

function readDefaultName(peer: Peer): NameFacts | undefined {
  for (const { pattern, read } of defaultNames) {
    const match = pattern.exec(peer.name);
    if (match) return read(match, peer);
  }
  return undefined;
}

/** Prefix that an ioredis Cluster puts before the connection name it was given. */
const CLUSTER_PREFIX = /^ioredis-cluster\([a-z]+\):/;

/** Takes any other name as the owner, provided that somebody chose it and that it is not a name of redis-hygiene. */
export const otherNameResolver: Resolver = {
  source: 'other-name',
  attribute({ name, kind }) {
    const chosenName = name.replace(CLUSTER_PREFIX, '');
    if (chosenName === '' || kind !== 'client' || isDefaultName(chosenName)) return undefined;
    if (parseConnectionName(name)) return undefined;
    return { owner: chosenName, source: 'other-name', confidence: 'likely' };
  },
};

/** Resolvers that read only the row itself and query nothing. */
export const rowResolvers: readonly Resolver[] = [
  nameResolver,
  serverResolver,
  libraryTagResolver,
  otherNameResolver,
  libraryResolver,
];
