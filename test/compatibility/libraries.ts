/** Whether a library takes a form of connection, or why it does not. */
type Takes = 'yes' | { readonly no: string };

/** A library of the table. */
export interface Library {
  /** Program in programs/, without `.mjs`. */
  readonly program: string;
  /** Folder in node_modules. */
  readonly packageName: string;
  /** Name in the table, where it is not that of the folder. */
  readonly title?: string;
  /** Whether it takes a client. */
  readonly client: Takes;
  /** Whether it takes options, and builds its own clients from them. */
  readonly options: Takes;
  /** In which forms it was run under the preload, where that is not those which it takes. */
  readonly preload?: readonly ('client' | 'options')[];
  /** What was done, and the result of which was checked. */
  readonly work: string;
  /**
   * What has to be stopped before its connections are closed. Without it, the work is also done once more, and the connections
   * are closed under the library.
   */
  readonly closeFirst?: string;
  /** What a user has to know. */
  readonly note?: string;
}

const CLIENT_ONLY = { no: 'takes clients only' } as const;
const OPTIONS_ONLY = { no: 'takes options only' } as const;
const OTHER_CLIENT = (client: string) =>
  ({ client: { no: client }, options: { no: client }, preload: ['client'] }) as const;

export const libraries: readonly Library[] = [
  {
    program: 'bullmq',
    packageName: 'bullmq',
    client: 'yes',
    options: 'yes',
    work: 'a job is processed, its worker is found',
    closeFirst: 'workers, queue events, queues',
    note: 'Set `maxRetriesPerRequest: null`. Workers that still wait when their connections are closed print `HYG_SHUT_DOWN`, and the process does not end.',
  },
  {
    program: 'bullmq-5',
    packageName: 'bullmq-5',
    title: 'bullmq',
    client: 'yes',
    options: 'yes',
    work: 'a job is processed, its worker is found',
    closeFirst: 'workers, queue events, queues',
    note: 'As bullmq 6. It asks for one exact version of ioredis: without npm’s `overrides` it brings a copy of its own, which only the preload enforces.',
  },
  {
    program: 'nest-bullmq',
    packageName: '@nestjs/bullmq',
    client: 'yes',
    options: 'yes',
    work: 'a job is processed',
    closeFirst: 'the application',
    note: 'As bullmq. `app.close()` closes the workers and queues.',
  },
  {
    program: 'bull',
    packageName: 'bull',
    client: 'yes',
    options: 'yes',
    work: 'a job is processed',
    closeFirst: 'queues',
    note: 'Clients of `createClient` for `bclient` and `subscriber` need `maxRetriesPerRequest: null` and `enableReadyCheck: false`. Without `queue.close()` the process does not end.',
  },
  {
    program: 'bee-queue',
    packageName: 'bee-queue',
    client: 'yes',
    options: 'yes',
    work: 'a job is processed',
    closeFirst: 'queues',
    note: "Its own clients are those of node_redis 3, which nothing of ours knows. Pass a client. bee-queue recognises one by the name of its constructor, which is not `Redis` since ioredis 5: `Object.defineProperty(client, 'constructor', { value: Redis })`. Without `queue.close()` the queue emits `error` when its connections are closed.",
  },
  {
    program: 'socket.io',
    packageName: '@socket.io/redis-adapter',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a message goes from one server to another',
    closeFirst: 'the server',
    note: "Give the subscriber a role: `client.duplicate({ connectionName: 'socket.io' })`. `io.close()` closes no client.",
  },
  {
    program: 'graphql-redis-subscriptions',
    packageName: 'graphql-redis-subscriptions',
    client: 'yes',
    options: 'yes',
    work: 'a message reaches an iterator',
    note: '`pubSub.close()` ends both clients, also those that it was given.',
  },
  {
    program: 'nest-microservices',
    packageName: '@nestjs/microservices',
    client: OPTIONS_ONLY,
    options: 'yes',
    work: 'a request is answered',
    closeFirst: 'clients, then the application',
    note: 'Two connections for each server and each `ClientProxy`. Nest logs an error for each that is closed before.',
  },
  {
    program: 'rate-limiter-flexible',
    packageName: 'rate-limiter-flexible',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a limit is reached',
  },
  {
    program: 'rate-limit-redis',
    packageName: 'rate-limit-redis',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a limit is reached',
    closeFirst: 'the server',
    note: '`sendCommand: (...command) => client.call(...command)`',
  },
  {
    program: 'fastify-rate-limit',
    packageName: '@fastify/rate-limit',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a limit is reached',
  },
  {
    program: 'nest-throttler-storage',
    packageName: '@nest-lab/throttler-storage-redis',
    client: 'yes',
    options: 'yes',
    work: 'a limit is reached',
    closeFirst: 'the application',
    note: 'It checks `instanceof Redis`: with two copies of ioredis it takes a client for options, and connects to localhost:6379.',
  },
  {
    program: 'bottleneck',
    packageName: 'bottleneck',
    client: 'yes',
    options: 'yes',
    work: 'a reservoir is used up',
    note: 'It duplicates the client. `limiter.disconnect()` does not close a duplicate of a `connection` that it was given; `shutdown()` does.',
  },
  {
    program: 'sesamecare-redlock',
    packageName: '@sesamecare-oss/redlock',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a lock is taken, refused, extended and lost',
  },
  {
    program: 'redlock',
    packageName: 'redlock',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a lock is taken, refused, extended and lost',
    note: 'The beta is the newest release of version 5.',
  },
  {
    program: 'connect-redis',
    packageName: 'connect-redis',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a session is stored and read',
    closeFirst: 'the server',
    note: 'Version 8 is the last one for ioredis.',
  },
  {
    program: 'fastify-redis',
    packageName: '@fastify/redis',
    client: 'yes',
    options: 'yes',
    work: 'a route counts its visits',
    note: 'With `client`, `app.close()` leaves the client open unless `closeClient` is set. With options it ends its own client.',
  },
  {
    program: 'unstorage',
    packageName: 'unstorage',
    client: OPTIONS_ONLY,
    options: 'yes',
    work: 'an item is stored, read and listed',
    note: '`storage.dispose()` ends its client.',
  },
  {
    program: 'cache-manager-ioredis-yet',
    packageName: 'cache-manager-ioredis-yet',
    client: 'yes',
    options: 'yes',
    work: 'a value is cached and read',
    note: 'For cache-manager 5. From version 6 on it takes stores of Keyv, of which `@keyv/redis` is for node-redis.',
  },
  {
    program: 'node-redis',
    packageName: 'redis',
    title: 'redis (node-redis)',
    ...OTHER_CLIENT('is another client'),
    work: 'a message reaches a duplicate',
  },
  {
    program: 'connect-redis-9',
    packageName: 'connect-redis-9',
    title: 'connect-redis',
    ...OTHER_CLIENT('takes node-redis only'),
    work: 'a session is stored and read',
    closeFirst: 'the server',
    note: 'Or use version 8 with ioredis. Version 10 needs Node 22.',
  },
  {
    program: 'cache-manager',
    packageName: '@keyv/redis',
    title: '@keyv/redis (cache-manager)',
    ...OTHER_CLIENT('takes node-redis only'),
    work: 'a value is cached and read',
    note: 'Or use cache-manager 5 with cache-manager-ioredis-yet.',
  },
  {
    program: 'glide',
    packageName: '@valkey/valkey-glide',
    ...OTHER_CLIENT('is another client'),
    work: 'a counter is raised',
  },
];
