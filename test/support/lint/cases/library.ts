import type { Language } from './case.js';

/** One way to make a client with a library. */
export interface Library {
  readonly module: string;
  /** The member that is imported. */
  readonly member: string;
  /** Makes a client of an expression that is the member. */
  readonly use: (member: string) => string;
}

/** A title, what the file is parsed as, and the file for a library. */
export type Form = readonly [title: string, language: Language, code: (library: Library) => string];

const construct = (Class: string, args = '') =>
  `/*created*/new ${/^[\w.]+$/.test(Class) ? Class : `(${Class})`}(${args});`;
const call = (fn: string) => `/*created*/${/^[\w.]+$/.test(fn) ? fn : `(${fn})`}();`;
const callStatic = (Class: string) =>
  `/*created*/${/^[\w.]+$/.test(Class) ? Class : `(${Class})`}.createClient({ addresses: [] });`;

/** Each library, by what makes its clients. */
export const libraries: readonly Library[] = [
  { module: 'ioredis', member: 'Redis', use: construct },
  { module: 'ioredis', member: 'Cluster', use: (Class) => construct(Class, '[]') },
  { module: 'iovalkey', member: 'Redis', use: construct },
  { module: 'redis', member: 'createClient', use: call },
  { module: 'redis', member: 'createSentinel', use: call },
  { module: '@redis/client', member: 'createCluster', use: call },
  { module: '@redis/client', member: 'createClientPool', use: call },
  { module: '@valkey/valkey-glide', member: 'GlideClient', use: callStatic },
  { module: '@valkey/valkey-glide', member: 'GlideClusterClient', use: callStatic },
];
