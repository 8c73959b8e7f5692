import { casesFrom, type LintCase } from './case.js';

const IMPORT = `import { Redis } from 'ioredis'; `;
const MADE = `const redis = /*created*/new Redis();`;

/** Declarations of Nest that the fixed files need to compile. */
const NEST = `declare const Module: (options: object) => ClassDecorator;
declare const Injectable: () => ClassDecorator;
declare const Inject: (token: unknown) => ParameterDecorator;
declare const InjectRedis: () => ParameterDecorator;
`;

/** The class is a token, so there is no fix: other files ask for the class of ioredis. */
const tokens = casesFrom({
  'ts: provide': `${IMPORT}@Module({ providers: [{ provide: Redis, useFactory: () => /*created*/new Redis() }] }) export class RedisModule {}`,
  'provide outside of a decorator': `${IMPORT}const provider = { provide: Redis, useValue: /*created*/new Redis() };`,
  'commonjs: provide': `const Redis = require('ioredis'); const provider = { 'provide': Redis, useValue: /*created*/new Redis() };`,
  'commonjs: provide a member': `const lib = require('ioredis'); const providers = [{ provide: lib.Cluster, useValue: /*created*/new lib.Cluster([]) }];`,
  'cts: provide, import = require': `import Redis = require('ioredis'); const p = { provide: Redis, useValue: /*created*/new Redis() };`,
  'inject in a provider': `${IMPORT}${MADE} const provider = { provide: 'STORE', inject: [Redis], useFactory: (redis) => new Store(redis) };`,
  'ts: @Inject of a parameter': `${IMPORT}${MADE} class A { constructor(@Inject(Redis) private readonly redis: object) {} }`,
  'ts: @Inject with forwardRef': `${IMPORT}${MADE} class A { @Inject(forwardRef(() => Redis)) redis; }`,
  'ts: exports of a module': `${IMPORT}${MADE} @Module({ exports: [Redis] }) class A {}`,
  'ts: type of a constructor parameter': `${IMPORT}${MADE} @Injectable() class A { constructor(private readonly redis: Redis) {} }`,
  'ts: type of a constructor parameter that is no property': `${IMPORT}${MADE} @Injectable() export class A { constructor(@Optional() redis: Redis) { redis.ping(); } }`,
  'ts: type of a namespace': `import * as lib from 'ioredis'; /*created*/new lib.Redis(); @Injectable() class A { constructor(redis: lib.Redis) {} }`,
  'ts: type of a decorated property': `${IMPORT}${MADE} class A { @Inject() redis: Redis; }`,
  'an argument of a container method': `${IMPORT}Container.set(Redis, /*created*/new Redis());`,
  'another client of the same import': `${IMPORT}const a = { provide: Redis }; function b() { return /*created*/new Redis(); }`,
}).map((one): LintCase => ({ ...one, output: one.code }));

/** Dependency injection in which the class is no token, so there is a fix. */
const others = casesFrom({
  'ts: provided for another token': `${IMPORT}${NEST}@Module({ providers: [{ provide: 'REDIS', useFactory: () => /*created*/new Redis() }] }) class A {}`,
  'ts: injected by another token': `${IMPORT}${NEST}${MADE} @Injectable() class A { constructor(@Inject('REDIS') private readonly a: Redis, @InjectRedis() b: Redis) {} }`,
  'ts: types of a method, and of fields': `${IMPORT}${NEST}${MADE} @Injectable() class A { private redis?: Redis; use(redis: Redis): Redis { return redis; } }`,
  'ts: a class without decorators': `${IMPORT}${MADE} class A { constructor(private readonly redis: Redis) {} }`,
  'a client, not the class': `${IMPORT}${MADE} const container = new Map(); container.set('redis', redis); const a = { provide: 'A', useValue: redis };`,
});

const OWN_IMPORT: LintCase = {
  title: 'the token has a separate import',
  language: 'module',
  code: `import Client from 'ioredis';\n${IMPORT}\nconst a = { provide: Redis, useValue: /*created*/new Client() };\n`,
  output: `import Client from 'redis-hygiene/ioredis';\n${IMPORT}\nconst a = { provide: Redis, useValue: /*created*/new Client() };\n`,
};

/** Clients in files that use dependency injection. */
export const invalidTokens: readonly LintCase[] = [...tokens, ...others, OWN_IMPORT];
