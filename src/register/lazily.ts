import { createRequire } from 'node:module';
import type * as Enforced from './enforced.js';
import type * as Named from './named.js';

// Loaded in the middle of somebody's require(), so by require() too.
const require = createRequire(import.meta.url);

let loaded: typeof Enforced | undefined;

/** All that enforces: loaded with the first copy of ioredis, so that a program without Redis pays nothing for it. */
export function enforced(): typeof Enforced {
  loaded ??= require('./enforced.js') as typeof Enforced;
  return loaded;
}

export function enforcedIfLoaded(): typeof Enforced | undefined {
  return loaded;
}

/** What gives names. */
export function named(): typeof Named {
  return require('./named.js') as typeof Named;
}
