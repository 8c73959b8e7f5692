import { inAny, mixedInAny, itself, type Taker } from './taker.js';
import { BULLMQ } from './queues.js';

const NEST_OPTIONS = "options: factory.options('nest')";

/** Modules of Nest. Places and majors as they are documented; some rows are from memory and few have been run against their library. */
export const nest: readonly Taker[] = [
  {
    // @nestjs/bullmq 1 to 11
    modules: ['@nestjs/bullmq', '@taskforcesh/nestjs-bullmq-pro'],
    exports: /^BullModule\.(?:forRoot|registerQueue|registerFlowProducer)(?:Async)?$/,
    how: 'called',
    places: [inAny('connection'), inAny('useFactory', '()', 'connection')],
    hand: BULLMQ,
  },
  {
    // @nestjs/bull 0 to 11
    modules: ['@nestjs/bull'],
    exports: /^BullModule\.(?:forRoot|registerQueue)(?:Async)?$/,
    how: 'called',
    places: ['redis', 'url'].flatMap((key) => [inAny(key), inAny('useFactory', '()', key)]),
    hand: "redis: factory.options('queue')",
  },
  {
    // @nestjs-modules/ioredis 1 and 2
    modules: ['@nestjs-modules/ioredis'],
    exports: /^RedisModule\.forRoot(?:Async)?$/,
    how: 'called',
    places: [
      mixedInAny(),
      inAny('options'),
      mixedInAny('useFactory', '()'),
      inAny('useFactory', '()', 'options'),
    ],
    hand: NEST_OPTIONS,
  },
  {
    // @liaoliaots/nestjs-redis 8 to 10, @songkeys/nestjs-redis 10 and 11
    modules: ['@liaoliaots/nestjs-redis', '@songkeys/nestjs-redis'],
    exports: /^(?:Redis|Cluster)Module\.forRoot(?:Async)?$/,
    how: 'called',
    places: [mixedInAny('config'), mixedInAny('useFactory', '()', 'config')],
    hand: "config: factory.options('nest')",
  },
  {
    // @nestjs/microservices 9 to 11
    modules: ['@nestjs/microservices'],
    exports: /^Transport\.REDIS$/,
    how: 'named',
    places: [mixedInAny('options')],
    hand: "options: factory.options('rpc')",
  },
  {
    // @nest-lab/throttler-storage-redis 1, nestjs-throttler-storage-redis 0
    modules: ['@nest-lab/throttler-storage-redis', 'nestjs-throttler-storage-redis'],
    exports: /^ThrottlerStorageRedisService$/,
    how: 'called',
    places: [itself(0, 'connection')],
    hand: 'factory.client()',
  },
];
