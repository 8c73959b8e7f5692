import { createRequire } from 'node:module';
import type { ClientArguments } from '../../../../src/options/client-arguments.js';

type Options = Readonly<Record<string, unknown>>;

interface RealIoredis {
  readonly Redis: {
    new (...args: ClientArguments): { readonly options: Options };
    readonly defaultOptions: { lazyConnect: boolean };
  };
}

/** One of the supported majors, as a reader of constructor arguments. */
export interface Major {
  readonly name: string;
  /** The options that `new Redis(...args)` ends up with. No socket is opened. */
  readonly read: (...args: ClientArguments) => Options;
}

const require = createRequire(import.meta.url);

/** `tls: true` and `tls: {}` open the same connection. */
function comparable(options: Options): Options {
  return options['tls'] === true ? { ...options, tls: {} } : options;
}

function major(name: string): Major {
  const { Redis } = require(name) as RealIoredis;
  return {
    name,
    read(...args) {
      // Set as a default, so that the arguments stay exactly those of the caller.
      Redis.defaultOptions.lazyConnect = true;
      try {
        return comparable(new Redis(...args).options);
      } finally {
        Redis.defaultOptions.lazyConnect = false;
      }
    },
  };
}

/** What we read is given to the real library too, so that every one of its options is compared. */
export const majors: readonly Major[] = [major('ioredis'), major('ioredis5')];
