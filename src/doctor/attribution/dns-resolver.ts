import { Resolver as DnsClient } from 'node:dns/promises';
import type { Clock } from '../../core/clock.js';
import { formatCount } from '../text/quantities.js';
import type { Attribution, Resolver } from './attribution.js';
import { isLoopback, normalizeIp } from './ip-address.js';

/** Returns the names of an address. Rejects if there are none. */
export type ReverseLookup = (ip: string) => Promise<readonly string[]>;

/** Limits of reverse DNS. */
export interface DnsBounds {
  /** Milliseconds for one address. */
  readonly timeoutMs: number;
  /** Milliseconds for all addresses together, from the first lookup on. Addresses still queued by then are skipped. */
  readonly totalMs: number;
  /** Lookups that run at the same time. */
  readonly concurrency: number;
}

/** A nearby DNS server answers within milliseconds. One that does not answer must not delay a report for long. */
const DEFAULT_BOUNDS: DnsBounds = { timeoutMs: 1000, totalMs: 10_000, concurrency: 32 };

/** Looks names up at the DNS servers of this machine, or at the given ones (`ip:port`). Each is tried once per address. */
export function createSystemLookup(servers?: readonly string[]): ReverseLookup {
  const dnsClient = new DnsClient({ timeout: DEFAULT_BOUNDS.timeoutMs, tries: 1 });
  if (servers) dnsClient.setServers(servers);
  return (ip) => dnsClient.reverse(ip);
}

/** Names peers by reverse DNS. Each address is looked up once. */
export function createDnsResolver(
  lookup: ReverseLookup,
  clock: Clock,
  bounds: DnsBounds = DEFAULT_BOUNDS,
): Resolver {
  const answers = new Map<string, Promise<Attribution | undefined>>();
  const limit = createConcurrencyLimit(bounds.concurrency);
  let deadlineMs: number | undefined;
  let skippedCount = 0;

  function lookUpInTime(ip: string): Promise<string | undefined> {
    return new Promise((resolve) => {
      const timer = clock.afterRef(bounds.timeoutMs, () => resolve(undefined));
      void firstNameOf(lookup, ip).then((name) => {
        timer.cancel();
        resolve(name);
      });
    });
  }

  async function lookUp(ip: string): Promise<Attribution | undefined> {
    deadlineMs ??= clock.now() + bounds.totalMs;
    const endMs = deadlineMs;
    return limit.run(async () => {
      if (clock.now() < endMs) return attributionFor(await lookUpInTime(ip));
      skippedCount += 1;
      return undefined;
    });
  }

  return {
    source: 'dns',
    attribute({ ip }) {
      if (isLoopback(ip) || normalizeIp(ip) === undefined) return undefined;
      const answer = answers.get(ip) ?? lookUp(ip);
      answers.set(ip, answer);
      return answer;
    },
    warnings: () =>
      skippedCount === 0
        ? []
        : [
            `Reverse DNS was too slow: it left out ${skippedCount} of ${formatCount(answers.size, 'address')}.`,
          ],
  };
}

/** The first name of an address, or `undefined`: many addresses have no name, and a failed lookup proves nothing. */
async function firstNameOf(lookup: ReverseLookup, ip: string): Promise<string | undefined> {
  try {
    const [name] = await lookup(ip);
    return name?.replace(/\.$/, '');
  } catch {
    return undefined;
  }
}

function attributionFor(name: string | undefined): Attribution | undefined {
  return name ? { owner: name, source: 'dns', confidence: 'likely', host: name } : undefined;
}

/** Runs at most a fixed number of tasks at the same time. Further tasks wait in the order they came. */
interface ConcurrencyLimit {
  readonly run: <Result>(task: () => Promise<Result>) => Promise<Result>;
}

function createConcurrencyLimit(maxRunning: number): ConcurrencyLimit {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function acquire(): Promise<void> {
    if (running < maxRunning) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  }

  /** Hands the slot directly to the next task, so that no later task overtakes it. */
  function release(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    async run(task) {
      await acquire();
      try {
        return await task();
      } finally {
        release();
      }
    },
  };
}
