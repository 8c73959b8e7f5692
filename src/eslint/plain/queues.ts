import { inAny, mixedInAny, itself, type Taker } from './taker.js';

export const BULLMQ = "connection: factory.options('queue')";

/** Queues, limiters and messages. Places and majors as they are documented; some rows are from memory and few have been run against their library. */
export const queues: readonly Taker[] = [
  {
    // bullmq 1 to 6
    modules: ['bullmq', '@taskforcesh/bullmq-pro'],
    exports:
      /^(?:Queue|Worker|QueueEvents|FlowProducer|JobScheduler|QueueBase|QueueScheduler|Repeat)(?:Pro)?$/,
    how: 'called',
    places: [inAny('connection')],
    hand: BULLMQ,
  },
  {
    // bull 3 and 4: Queue(name, url?, options?)
    modules: ['bull'],
    exports: /^$/,
    how: 'called',
    places: [itself(1, 'url'), inAny('redis')],
    hand: "{ redis: factory.options('queue') }",
  },
  {
    // bee-queue 1: node-redis 3
    modules: ['bee-queue'],
    exports: /^$/,
    how: 'called',
    places: [inAny('redis')],
    hand: 'a client that has a name and that you close',
  },
  {
    // bottleneck 2
    modules: ['bottleneck'],
    exports: /^(?:Group|Batcher|IORedisConnection)?$/,
    how: 'called',
    places: [inAny('clientOptions')],
    hand: "clientOptions: factory.options('limiter')",
  },
  {
    // graphql-redis-subscriptions 1 to 3
    modules: ['graphql-redis-subscriptions'],
    exports: /^RedisPubSub$/,
    how: 'called',
    places: [inAny('connection')],
    hand: "connection: factory.options('pubsub')",
  },
  {
    // mqemitter-redis 5 to 7
    modules: ['mqemitter-redis'],
    exports: /^$/,
    how: 'called',
    places: [mixedInAny()],
    hand: "factory.options('emitter')",
  },
  {
    // node-resque 8 and 9
    modules: ['node-resque'],
    exports: /^(?:Queue|Worker|MultiWorker|Scheduler)$/,
    how: 'called',
    places: [mixedInAny('connection')],
    hand: 'connection: { redis: factory.client() }',
  },
];
