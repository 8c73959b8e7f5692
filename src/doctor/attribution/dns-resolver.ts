import { Resolver as NameServers } from 'node:dns/promises';
import type { Clock } from '../../core/clock.js';
import type { Attribution, Resolver } from './attribution.js';
import { isLoopback, normaliseIp } from './ip-address.js';

/** Gives the names of an address. Rejects where there are none. */
export type ReverseLookup = (ip: string) => Promise<readonly string[]>;

/** Bounds of reverse DNS. */
export interface DnsBounds {
  /** For one address. */
  readonly timeoutMs: number;
  /** For all of them, from the first one on: those whose turn has not come by then are given up. */
  readonly totalMs: number;
  /** Questions under way at once. */
  readonly concurrency: number;
}

/** A name server that is near answers in milliseconds; one that is not there must not hold up a report for long. */
const dnsBounds: DnsBounds = { timeoutMs: 1000, totalMs: 10_000, concurrency: 32 };

/** The name servers of this machine, each asked once for each address; or those given, as `ip:port`. */
export function systemLookup(servers?: readonly string[]): ReverseLookup {
  const resolver = new NameServers({ timeout: dnsBounds.timeoutMs, tries: 1 });
  if (servers) resolver.setServers(servers);
  return (ip) => resolver.reverse(ip);
}

/** The first name, or nothing: an address without one is nothing special, and no answer says nothing either. */
async function firstName(lookup: ReverseLookup, ip: string): Promise<string | undefined> {
  try {
    const [name] = await lookup(ip);
    return name?.replace(/\.$/, '');
  } catch {
    return undefined;
  }
}

function attributionOn(name: string | undefined): Attribution | undefined {
  return name ? { owner: name, source: 'dns', confidence: 'likely', host: name } : undefined;
}

/** Names peers by the names that DNS has for their addresses; each address is asked for once. */
export function dnsResolver(lookup: ReverseLookup, clock: Clock, bounds: DnsBounds = dnsBounds): Resolver {
  const answers = new Map<string, Promise<Attribution | undefined>>();
  const turns = createConcurrencyLimit(bounds.concurrency);
  let endMs: number | undefined;
  let givenUp = 0;

  function within(ip: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = clock.hold(bounds.timeoutMs, () => resolve(undefined));
      void firstName(lookup, ip).then((name) => {
        timer.cancel();
        resolve(name);
      });
    });
  }

  async function ask(ip: string): Promise<Attribution | undefined> {
    endMs ??= clock.now() + bounds.totalMs;
    const end = endMs;
    return turns.take(async () => {
      if (clock.now() < end) return attributionOn(await within(ip));
      givenUp += 1;
      return undefined;
    });
  }

  return {
    source: 'dns',
    attribute({ ip }) {
      if (isLoopback(ip) || normaliseIp(ip) === undefined) return undefined;
      const known = answers.get(ip) ?? ask(ip);
      answers.set(ip, known);
      return known;
    },
    warnings: () =>
      givenUp === 0
        ? []
        : [`Reverse DNS was slow: ${givenUp} of ${answers.size} addresses were not asked for any more.`],
  };
}

/** Lets only so many pieces of work run at once; the others wait their turn, first come, first served. */
interface ConcurrencyLimit {
  readonly take: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

function createConcurrencyLimit(atOnce: number): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function enter(): Promise<void> {
    if (running < atOnce) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Hands the place on, so that nobody comes in between. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    async take(work) {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
