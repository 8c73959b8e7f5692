import { type AccessPath, CALL, type Origin } from './data-flow/origin.js';

/** A library that connects to Redis or Valkey. */
interface ClientLibrary {
  /** Names of its modules, as imports write them. */
  readonly modules: RegExp;
  /** Members that are the module's exports again, such as `default` of a CommonJS module. */
  readonly rootMembers: readonly string[];
  /** Advice on what to use instead, by the path of each export that creates a client when it is called or constructed. */
  readonly makers: Readonly<Record<string, string>>;
  /** Whether the drop-in exports the same names, so that a fix has to change nothing but the module's name. */
  readonly isReplaceable: boolean;
}

/** The module that exports what ioredis exports, with the defaults of redis-hygiene enforced. */
export const DROP_IN_MODULE = 'redis-hygiene/ioredis';

const DROP_IN_ADVICE = `Import it from "${DROP_IN_MODULE}"`;
const FACTORY_ADVICE = 'Create one factory with createRedisFactory() of redis-hygiene, and use its';

const ioredisMakers = {
  '': DROP_IN_ADVICE,
  Cluster: DROP_IN_ADVICE,
  createClient: DROP_IN_ADVICE,
};

const nodeRedisMakers = {
  createClient: `${FACTORY_ADVICE} client(), subscriber() or pool()`,
  createClientPool: `${FACTORY_ADVICE} pool()`,
  createCluster: `${FACTORY_ADVICE} cluster()`,
  createSentinel: `${FACTORY_ADVICE} client(), with the sentinels in its connection options`,
};

/** Libraries and their exports that create clients: ioredis 4 to 6, redis 3 to 6, @valkey/valkey-glide 1 and 2. */
const clientLibraries: readonly ClientLibrary[] = [
  { modules: /^ioredis$/, rootMembers: ['default', 'Redis'], makers: ioredisMakers, isReplaceable: true },
  {
    // Internal files of the packages: built/ (built/redis in ioredis 4), lib/ in older versions.
    modules:
      /^io(?:redis|valkey)\/(?:built|lib)(?:\/(?:index|redis|Redis|Valkey|cluster(?:\/index)?))?(?:\.js)?$/,
    rootMembers: ['default', 'Redis', 'Valkey'],
    makers: ioredisMakers,
    isReplaceable: false,
  },
  {
    modules: /^iovalkey$/,
    rootMembers: ['default', 'Redis', 'Valkey'],
    makers: {
      '': `${FACTORY_ADVICE} client() (ioredis supports Valkey)`,
      Cluster: `${FACTORY_ADVICE} cluster() (ioredis supports Valkey)`,
      createClient: `${FACTORY_ADVICE} client() (ioredis supports Valkey)`,
    },
    isReplaceable: false,
  },
  {
    modules: /^(?:redis|@redis\/client)$/,
    rootMembers: ['default'],
    makers: {
      ...nodeRedisMakers,
      RedisClient: nodeRedisMakers.createClient, // redis 3
      'RedisClient.create': nodeRedisMakers.createClient,
      'RedisClientPool.create': nodeRedisMakers.createClientPool,
      'RedisCluster.create': nodeRedisMakers.createCluster,
      'RedisSentinel.create': nodeRedisMakers.createSentinel,
    },
    isReplaceable: false,
  },
  {
    modules: /^@valkey\/valkey-glide$/,
    rootMembers: ['default'],
    makers: {
      'GlideClient.createClient': `${FACTORY_ADVICE} client() (ioredis supports Valkey)`,
      'GlideClusterClient.createClient': `${FACTORY_ADVICE} cluster() (ioredis supports Valkey)`,
    },
    isReplaceable: false,
  },
];

/** Packages of the table, for the file filter. */
export const CLIENT_PACKAGES = ['ioredis', 'iovalkey', 'redis', '@redis/client', '@valkey/valkey-glide'];

/** An export that creates clients when it is called or constructed. */
export interface ClientMaker {
  readonly module: string;
  /** Advice on what to use instead: a sentence without its full stop. */
  readonly advice: string;
  readonly isReplaceable: boolean;
}

/** The client maker that a value is; undefined for every other value. */
export function clientMakerOf(origin: Origin): ClientMaker | undefined {
  return lookUp(origin, (path, makers) => (Object.hasOwn(makers, path) ? makers[path] : undefined));
}

/** A client maker that a value is, or that can be reached as a member of it, without an import of the library. */
export function clientMakerWithin(origin: Origin): ClientMaker | undefined {
  return lookUp(origin, (path, makers) => {
    const within = Object.keys(makers).find(
      (maker) => path === '' || maker === path || maker.startsWith(`${path}.`),
    );
    return within === undefined ? undefined : makers[within];
  });
}

/** Whether a value is a client, that is the result of a client maker. */
export function isClient({ path, ...origin }: Origin): boolean {
  return path.at(-1) === CALL && clientMakerOf({ ...origin, path: path.slice(0, -1) }) !== undefined;
}

function lookUp(
  origin: Origin,
  find: (path: string, makers: ClientLibrary['makers']) => string | undefined,
): ClientMaker | undefined {
  const library = clientLibraries.find(({ modules }) => modules.test(origin.module));
  const advice = library && find(withoutRootMembers(origin.path, library.rootMembers), library.makers);
  if (advice === undefined) return undefined;
  return { module: origin.module, advice, isReplaceable: library?.isReplaceable === true };
}

/** A path without the leading members that are the module's exports again. */
function withoutRootMembers(path: AccessPath, rootMembers: readonly string[]): string {
  const first = path.findIndex((member) => !rootMembers.includes(member));
  return (first < 0 ? [] : path.slice(first)).join('.');
}
