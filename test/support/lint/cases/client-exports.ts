import type { Language } from './case.js';

/** An export of a library that creates clients. */
export interface ClientExport {
  readonly module: string;
  /** Name of the export. */
  readonly member: string;
  /** Returns the code that creates a client with an expression for the export. */
  readonly use: (member: string) => string;
}

/** A title, the language of a file, and its code for an export. */
export type Form = readonly [title: string, language: Language, code: (clientExport: ClientExport) => string];

const construct = (Class: string, args = '') =>
  `/*created*/new ${/^[\w.]+$/.test(Class) ? Class : `(${Class})`}(${args});`;
const call = (fn: string) => `/*created*/${/^[\w.]+$/.test(fn) ? fn : `(${fn})`}();`;
const callStatic = (Class: string) =>
  `/*created*/${/^[\w.]+$/.test(Class) ? Class : `(${Class})`}.createClient({ addresses: [] });`;

/** Exports that create clients, of all libraries. */
export const clientExports: readonly ClientExport[] = [
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
