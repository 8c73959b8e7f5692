import type { Redis } from 'ioredis';

/** What a borrower does before it releases its connection. It may fail. */
type BorrowerAction = (client: Redis) => unknown;

function ignoreError(work: unknown): unknown {
  return Promise.resolve(work).catch(() => undefined);
}

const doNothing = (): undefined => undefined;

/** Actions whose state is reset by one command each, so that the connection stays open. */
const resettable = {
  'MULTI in steps': (client) => client.multi({ pipeline: false }),
  'MULTI by call': async (client) => {
    await client.call('MULTI');
    await client.set('never', 1);
  },
  'a transaction that nobody awaits': (client) => void ignoreError(client.multi().incr('count').exec()),
  WATCH: (client) => client.watch('hot'),
  SELECT: (client) => client.select(1 + Math.floor(Math.random() * 3)),
  'SELECT in a transaction': (client) => client.multi().select(2).exec(),
  SETNAME: (client) => client.client('SETNAME', 'somebody'),
  'NO-EVICT': (client) => client.client('NO-EVICT', 'ON'),
  'a command that nobody awaits': (client) => void ignoreError(client.get('where')),
  'a listener': (client) => client.on('message', doNothing),
  'an own command': (client) => client.defineCommand('echo', { numberOfKeys: 0, lua: 'return 1' }),
} as const satisfies Record<string, BorrowerAction>;

/** Actions after which the connection must be replaced. */
const unresettable = {
  SUBSCRIBE: (client) => client.subscribe('news'),
  PSUBSCRIBE: (client) => client.psubscribe('n*'),
  SSUBSCRIBE: (client) => client.ssubscribe('news'),
  'a blocking command': (client) => void ignoreError(client.blpop('nothing', 0)),
  'CLIENT REPLY OFF': (client) => void ignoreError(client.client('REPLY', 'OFF')),
  'CLIENT REPLY SKIP': (client) => void ignoreError(client.client('REPLY', 'SKIP')),
  RESET: (client) => client.call('RESET'),
  HELLO: (client) => client.call('HELLO', '3'),
  MONITOR: (client) => void ignoreError(client.call('MONITOR')),
} as const satisfies Record<string, BorrowerAction>;

/** Actions that close the connection. */
const closing = {
  quit: (client) => client.quit(),
  'quit that nobody awaits': (client) => void ignoreError(client.quit()),
  disconnect: (client) => client.disconnect(),
  'quit and connect': async (client) => {
    await client.quit();
    await client.connect();
  },
} as const satisfies Record<string, BorrowerAction>;

/** Destroys the socket, as a broken network would. */
function destroySocket(client: Redis): void {
  (client as unknown as { readonly stream: { destroy(): void } }).stream.destroy();
}

export type ActionKind = 'none' | 'resettable' | 'unresettable' | 'closing' | 'destroying';

interface ChosenAction {
  readonly kind: ActionKind;
  readonly run: BorrowerAction;
}

/** Chooses an action at random, mostly a harmless one. With `breaker` "borrowers", 1 % destroy their socket. */
export function chooseAction(breaker: 'server' | 'borrowers'): ChosenAction {
  const random = Math.random();
  const oneOf = (actions: Readonly<Record<string, BorrowerAction>>): BorrowerAction => {
    const all = Object.values(actions);
    return all[Math.floor(Math.random() * all.length)] ?? doNothing;
  };
  if (random < 0.4) return { kind: 'none', run: doNothing };
  if (random < 0.85) return { kind: 'resettable', run: oneOf(resettable) };
  if (random < 0.95) return { kind: 'unresettable', run: oneOf(unresettable) };
  if (random < 0.99 || breaker === 'server') return { kind: 'closing', run: oneOf(closing) };
  return { kind: 'destroying', run: destroySocket };
}
