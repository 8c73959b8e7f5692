/** A generated file to lint. */
export interface SourceFile {
  readonly name: string;
  readonly code: string;
}

const WORDS = ['order', 'cart', 'price', 'stock', 'invoice', 'customer', 'parcel', 'refund', 'coupon', 'tax'];

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Code of a typical function of a service, with checks, a loop, calls and a result. */
function ordinaryFunction(word: string, index: number): string {
  return `
/** Sums what the ${word}s of one account come to. */
export async function total${capitalize(word)}s${index}(source, account, options = {}) {
  const { limit = 100, since = new Date(0), strict = false } = options;
  const ${word}s = await source.find({ account, createdAt: { $gte: since } }).limit(limit).toArray();
  if (${word}s.length === 0 && strict) throw new Error(\`No ${word} of \${account} since \${since.toISOString()}\`);
  let sum = 0;
  for (const { amount, currency, lines } of ${word}s) {
    if (currency !== 'EUR') continue;
    sum += lines?.reduce((all, line) => all + line.quantity * line.price, 0) ?? amount;
  }
  const byDay = new Map();
  for (const ${word} of ${word}s) {
    const day = ${word}.createdAt.toISOString().slice(0, 10);
    byDay.set(day, [...(byDay.get(day) ?? []), ${word}]);
  }
  return { account, sum, days: [...byDay].map(([day, list]) => ({ day, count: list.length })) };
}
`;
}

/** Code of a function that uses a client. */
function cachingFunction(word: string, index: number): string {
  return `
export async function remember${capitalize(word)}${index}(id, load) {
  const key = \`${word}:\${id}\`;
  const known = await redis.get(key);
  if (known !== null) return JSON.parse(known);
  const fresh = await load(id);
  const results = await redis.multi().set(key, JSON.stringify(fresh), 'EX', 60).sadd('${word}s', id).exec();
  for (const [error] of results ?? []) if (error) throw error;
  return fresh;
}
`;
}

/** Code that creates a client: raw, by the drop-in, and by a factory. */
const CLIENT_CODE = [
  `import Redis from 'ioredis';\nconst redis = new Redis(process.env.REDIS_URL);\n`,
  `import { Redis } from 'redis-hygiene/ioredis';\nconst redis = new Redis(process.env.REDIS_URL);\n`,
  `import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';\nconst factory = createRedisFactory({ service: 'shop' });\ninstallShutdownHooks(factory);\nconst redis = factory.client();\n`,
  `import { createClient } from 'redis';\nconst redis = createClient({ url: process.env.REDIS_URL });\nawait redis.connect();\n`,
  `import * as lib from 'ioredis';\nconst { Cluster } = lib;\nconst redis = new Cluster([{ host: 'a' }, { host: 'b' }]);\n`,
];

const IMPORTS = `import { EventEmitter } from 'node:events';\nimport { readFile } from 'node:fs/promises';\nimport { helper } from './helper.js';\n`;

/** Generates files of a service, 25 to 150 lines each. One in ten uses Redis, and every second one is TypeScript. */
export function generateSourceFiles(count: number): SourceFile[] {
  return Array.from({ length: count }, (_, index) => {
    const usesRedis = index % 10 === 3;
    const word = WORDS[index % WORDS.length] ?? '';
    const functions = Array.from({ length: 1 + (index % 7) }, (_none, at) =>
      usesRedis && at % 2 === 0 ? cachingFunction(word, at) : ordinaryFunction(word, at),
    );
    const clientCode = usesRedis ? (CLIENT_CODE[Math.floor(index / 10) % CLIENT_CODE.length] ?? '') : '';
    const exports =
      'export const events = new EventEmitter();\nexport const load = (file) => readFile(helper(file));\n';
    return {
      name: `src/${word}-${index}.${index % 2 === 0 ? 'ts' : 'mjs'}`,
      code: `${IMPORTS}${clientCode}${functions.join('')}${exports}`,
    };
  });
}
