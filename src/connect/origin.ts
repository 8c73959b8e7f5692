import type { LinkTerms } from './terms.js';

/** What is known of a client while it is under construction, beside its options. */
export interface Origin {
  /** Id of the connection that is being duplicated. */
  readonly parent?: number | undefined;
  readonly terms?: LinkTerms | undefined;
}

/** Leads from whoever opens a client to its link, which ioredis has made in between. */
export interface Origins {
  /** Constructs a client of this origin. */
  during<Made>(origin: Origin, construct: () => Made): Made;
  /** For the link of the client under construction, once: whoever hears of its dial may make the next one at once. */
  take(): Origin;
}

/** Of a client that a library makes. */
const UNKNOWN: Origin = {};

export function createOrigins(): Origins {
  let current = UNKNOWN;
  return {
    during(origin, construct) {
      const outer = current;
      current = origin;
      try {
        return construct();
      } finally {
        current = outer;
      }
    },
    take() {
      const origin = current;
      current = UNKNOWN;
      return origin;
    },
  };
}
