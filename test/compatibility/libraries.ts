/** Whether a library takes a form of connection, or why it does not. */
export type Takes = 'yes' | { readonly no: string };

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
  /** What a user has to know. */
  readonly note?: string;
}

const CLIENT_ONLY = { no: 'takes clients only' } as const;
const OPTIONS_ONLY = { no: 'takes options only' } as const;
const OTHER_CLIENT = (client: string) =>
  ({ client: { no: `is for ${client}` }, options: { no: `is for ${client}` }, preload: ['client'] }) as const;

export const libraries: readonly Library[] = [
  {
    program: 'bullmq',
    packageName: 'bullmq',
    client: 'yes',
    options: 'yes',
    work: 'a job is processed, its worker is found',
  },
  {
    program: 'bullmq-5',
    packageName: 'bullmq-5',
    title: 'bullmq',
    client: 'yes',
    options: 'yes',
    work: 'a job is processed, its worker is found',
  },
  {
    program: 'nest-bullmq',
    packageName: '@nestjs/bullmq',
    client: 'yes',
    options: 'yes',
    work: 'a job is processed',
  },
  { program: 'bull', packageName: 'bull', client: 'yes', options: 'yes', work: 'a job is processed' },
  {
    program: 'bee-queue',
    packageName: 'bee-queue',
    client: 'yes',
    options: 'yes',
    work: 'a job is processed',
  },
  {
    program: 'socket.io',
    packageName: '@socket.io/redis-adapter',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a message goes from one server to another',
  },
  {
    program: 'graphql-redis-subscriptions',
    packageName: 'graphql-redis-subscriptions',
    client: 'yes',
    options: 'yes',
    work: 'a message reaches an iterator',
  },
  {
    program: 'nest-microservices',
    packageName: '@nestjs/microservices',
    client: OPTIONS_ONLY,
    options: 'yes',
    work: 'a request is answered',
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
  },
  {
    program: 'bottleneck',
    packageName: 'bottleneck',
    client: 'yes',
    options: 'yes',
    work: 'a reservoir is used up',
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
  },
  {
    program: 'connect-redis',
    packageName: 'connect-redis',
    client: 'yes',
    options: CLIENT_ONLY,
    work: 'a session is stored and read',
  },
  {
    program: 'fastify-redis',
    packageName: '@fastify/redis',
    client: 'yes',
    options: 'yes',
    work: 'a route counts its visits',
  },
  {
    program: 'unstorage',
    packageName: 'unstorage',
    client: OPTIONS_ONLY,
    options: 'yes',
    work: 'an item is stored, read and listed',
  },
  {
    program: 'cache-manager-ioredis-yet',
    packageName: 'cache-manager-ioredis-yet',
    client: 'yes',
    options: 'yes',
    work: 'a value is cached and read',
  },
  {
    program: 'node-redis',
    packageName: 'redis',
    title: 'redis (node-redis)',
    ...OTHER_CLIENT('no ioredis'),
    work: 'a message reaches a duplicate',
  },
  {
    program: 'connect-redis-9',
    packageName: 'connect-redis-9',
    title: 'connect-redis',
    ...OTHER_CLIENT('node-redis'),
    work: 'a session is stored and read',
  },
  {
    program: 'cache-manager',
    packageName: '@keyv/redis',
    title: '@keyv/redis (cache-manager)',
    ...OTHER_CLIENT('node-redis'),
    work: 'a value is cached and read',
  },
  {
    program: 'glide',
    packageName: '@valkey/valkey-glide',
    ...OTHER_CLIENT('no ioredis'),
    work: 'a counter is raised',
  },
];
