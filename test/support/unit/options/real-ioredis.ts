import { createRequire } from 'node:module';
import type { ClientArguments } from '../../../../src/options/client-arguments.js';

type Options = Readonly<Record<string, unknown>>;

interface RealIoredis {
  readonly Redis: {
    new (...args: ClientArguments): { readonly options: Options };
    readonly defaultOptions: { lazyConnect: boolean };
  };
}

/** An of the supported majors of ioredis, used to read constructor arguments. */
export interface Major {
  readonly name: string;
  /** The options of the client that `new Redis(...args)` creates. No socket is opened. */
  readonly read: (...args: ClientArguments) => Options;
}

const require = createRequire(import.meta.url);

/** Makes options comparable: `tls: true` and `tls: {}` open the same connection. */
function normalize(options: Options): Options {
  return options['tls'] === true ? { ...options, tls: {} } : options;
}

function loadMajor(name: string): Major {
  const { Redis } = require(name) as RealIoredis;
  return {
    name,
    read(...args) {
      // lazyConnect is set as a default, so that the arguments remain those of the caller.
      Redis.defaultOptions.lazyConnect = true;
      try {
        return normalize(new Redis(...args).options);
      } finally {
        Redis.defaultOptions.lazyConnect = false;
      }
    },
  };
}

/** The real ioredis of both majors. Tests compare all options with those that redis-hygiene reads. */
export const majors: readonly Major[] = [loadMajor('ioredis'), loadMajor('ioredis5')];
