import { CALL, type Origin, type Steps } from './data-flow/origin.js';

/** A library that connects to Redis or Valkey. */
interface Library {
  /** Modules of this kind, as imports name them. */
  readonly modules: RegExp;
  /** Members that are the module's exports again, as `default` of a CommonJS module. */
  readonly roots: readonly string[];
  /** Path of what makes a client when it is called or constructed: what to use instead. */
  readonly makers: Readonly<Record<string, string>>;
  /** Whether its clients come from the drop-in when nothing but the module's name is changed. */
  readonly isReplaceable: boolean;
}

/** The module that has ioredis's exports, enforced. */
export const DROP_IN = 'redis-hygiene/ioredis';

const DROP_IN_ADVICE = `Import it from "${DROP_IN}"`;
const FACTORY = 'Make one factory with createRedisFactory() of redis-hygiene, and use its';

const classes = {
  '': DROP_IN_ADVICE,
  Cluster: DROP_IN_ADVICE,
  createClient: DROP_IN_ADVICE,
};

const nodeRedis = {
  createClient: `${FACTORY} client(), subscriber() or pool()`,
  createClientPool: `${FACTORY} pool()`,
  createCluster: `${FACTORY} cluster()`,
  createSentinel: `${FACTORY} client(), with the sentinels in its connection options`,
};

/** Which members of which modules make clients. Versions: ioredis 4 to 6, redis 3 to 6, @valkey/valkey-glide 1 and 2. */
const libraries: readonly Library[] = [
  { modules: /^ioredis$/, roots: ['default', 'Redis'], makers: classes, isReplaceable: true },
  {
    // What the package keeps inside: built/ (built/redis in ioredis 4), lib/ before.
    modules:
      /^io(?:redis|valkey)\/(?:built|lib)(?:\/(?:index|redis|Redis|Valkey|cluster(?:\/index)?))?(?:\.js)?$/,
    roots: ['default', 'Redis', 'Valkey'],
    makers: classes,
    isReplaceable: false,
  },
  {
    modules: /^iovalkey$/,
    roots: ['default', 'Redis', 'Valkey'],
    makers: {
      '': `${FACTORY} client() (ioredis speaks with Valkey)`,
      Cluster: `${FACTORY} cluster() (ioredis speaks with Valkey)`,
      createClient: `${FACTORY} client() (ioredis speaks with Valkey)`,
    },
    isReplaceable: false,
  },
  {
    modules: /^(?:redis|@redis\/client)$/,
    roots: ['default'],
    makers: {
      ...nodeRedis,
      RedisClient: nodeRedis.createClient, // of redis 3
      'RedisClient.create': nodeRedis.createClient,
      'RedisClientPool.create': nodeRedis.createClientPool,
      'RedisCluster.create': nodeRedis.createCluster,
      'RedisSentinel.create': nodeRedis.createSentinel,
    },
    isReplaceable: false,
  },
  {
    modules: /^@valkey\/valkey-glide$/,
    roots: ['default'],
    makers: {
      'GlideClient.createClient': `${FACTORY} client() (ioredis speaks with Valkey)`,
      'GlideClusterClient.createClient': `${FACTORY} cluster() (ioredis speaks with Valkey)`,
    },
    isReplaceable: false,
  },
];

/** The packages of the table, for the gate. */
export const LIBRARIES = ['ioredis', 'iovalkey', 'redis', '@redis/client', '@valkey/valkey-glide'];

/** What is known of a member of one of these libraries. */
export interface ClientMaker {
  readonly module: string;
  /** What to use instead: a sentence without its full stop. */
  readonly advice: string;
  readonly isReplaceable: boolean;
}

/** The path from the module's exports, without the detours that lead back to them. */
function direct(path: Steps, roots: readonly string[]): string {
  const first = path.findIndex((step) => !roots.includes(step));
  return (first < 0 ? [] : path.slice(first)).join('.');
}

function lookUp(origin: Origin, find: (path: string, makers: Library['makers']) => string | undefined) {
  const library = libraries.find(({ modules }) => modules.test(origin.module));
  const advice = library && find(direct(origin.path, library.roots), library.makers);
  if (advice === undefined) return undefined;
  return { module: origin.module, advice, isReplaceable: library?.isReplaceable === true };
}

/** What makes a client when it is called or constructed. */
export function makerOf(origin: Origin): ClientMaker | undefined {
  return lookUp(origin, (path, makers) => (Object.hasOwn(makers, path) ? makers[path] : undefined));
}

/** What makes clients, or has members that do: whoever gets hold of it needs no import of the library. */
export function sourceOf(origin: Origin): ClientMaker | undefined {
  return lookUp(origin, (path, makers) => {
    const within = Object.keys(makers).find(
      (maker) => path === '' || maker === path || maker.startsWith(`${path}.`),
    );
    return within === undefined ? undefined : makers[within];
  });
}

/** Whether a value is a client: what came out of a maker. */
export function isClient({ path, ...origin }: Origin): boolean {
  return path.at(-1) === CALL && makerOf({ ...origin, path: path.slice(0, -1) }) !== undefined;
}
