import type { Redis } from 'ioredis';

/** What a borrower may do before it goes. What it waits for may fail: that is a mess too. */
type Mess = (client: Redis) => unknown;

/** Of no interest to anybody. */
function ignored(work: unknown): unknown {
  return Promise.resolve(work).catch(() => undefined);
}

const QUIET = (): undefined => undefined;

/** What one command takes away, and then nothing is closed. */
const cleanable = {
  'MULTI in steps': (client) => client.multi({ pipeline: false }),
  'MULTI by call': async (client) => {
    await client.call('MULTI');
    await client.set('never', 1);
  },
  'a transaction that nobody awaits': (client) => void ignored(client.multi().incr('count').exec()),
  WATCH: (client) => client.watch('hot'),
  SELECT: (client) => client.select(1 + Math.floor(Math.random() * 3)),
  'SELECT in a transaction': (client) => client.multi().select(2).exec(),
  SETNAME: (client) => client.client('SETNAME', 'somebody'),
  'NO-EVICT': (client) => client.client('NO-EVICT', 'ON'),
  'a command that nobody awaits': (client) => void ignored(client.get('where')),
  'a listener': (client) => client.on('message', QUIET),
  'an own command': (client) => client.defineCommand('echo', { numberOfKeys: 0, lua: 'return 1' }),
} as const satisfies Record<string, Mess>;

/** What only a new connection is free of. */
const hopeless = {
  SUBSCRIBE: (client) => client.subscribe('news'),
  PSUBSCRIBE: (client) => client.psubscribe('n*'),
  SSUBSCRIBE: (client) => client.ssubscribe('news'),
  'a blocking command': (client) => void ignored(client.blpop('nothing', 0)),
  'CLIENT REPLY OFF': (client) => void ignored(client.client('REPLY', 'OFF')),
  'CLIENT REPLY SKIP': (client) => void ignored(client.client('REPLY', 'SKIP')),
  RESET: (client) => client.call('RESET'),
  HELLO: (client) => client.call('HELLO', '3'),
  MONITOR: (client) => void ignored(client.call('MONITOR')),
} as const satisfies Record<string, Mess>;

/** What ends the connection. */
const endings = {
  quit: (client) => client.quit(),
  'quit that nobody awaits': (client) => void ignored(client.quit()),
  disconnect: (client) => client.disconnect(),
  'quit and connect': async (client) => {
    await client.quit();
    await client.connect();
  },
} as const satisfies Record<string, Mess>;

/** What a broken line looks like from here: no goodbye. */
function cut(client: Redis): void {
  (client as unknown as { readonly stream: { destroy(): void } }).stream.destroy();
}

export type MessKind = 'none' | 'cleanable' | 'hopeless' | 'ending' | 'cut';

/** One of them, mostly a harmless one. Some borrowers cut the line, where that is wanted. */
export function anyMess(cuts: boolean): { readonly kind: MessKind; readonly make: Mess } {
  const dice = Math.random();
  const one = (from: Readonly<Record<string, Mess>>): Mess => {
    const all = Object.values(from);
    return all[Math.floor(Math.random() * all.length)] ?? QUIET;
  };
  if (dice < 0.4) return { kind: 'none', make: QUIET };
  if (dice < 0.85) return { kind: 'cleanable', make: one(cleanable) };
  if (dice < 0.95) return { kind: 'hopeless', make: one(hopeless) };
  if (dice < 0.99 || !cuts) return { kind: 'ending', make: one(endings) };
  return { kind: 'cut', make: cut };
}
