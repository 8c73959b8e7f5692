import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { clientRow } from '../rows.js';
import type { Random } from './random.js';

type Fields = Partial<ClientRow>;

/** A way in which connections leak. `least` is how many there are at least. */
interface LeakKind {
  readonly least: number;
  /** Fields of one connection. `silence` is its idle time if nothing keeps it alive. */
  fields(age: number, random: Random): Fields;
  /** Codes of which one has to be found. */
  readonly codes: readonly string[];
  /** Role that redis-hygiene gives to such connections. */
  readonly role?: string;
  /** Whether the heartbeat of redis-hygiene keeps such connections alive. */
  readonly isPinged: boolean;
}

const HANDSHAKE = ['ping', 'info', 'client|setname', 'select', 'auth', 'hello', 'NULL'];

/** Every kind of leak. */
export const leakKinds = {
  abandoned: {
    least: 60,
    fields: (age, random) => ({ cmd: random.pick(HANDSHAKE), idle: Math.max(0, age - random.whole(0, 2)) }),
    codes: ['abandoned-clients'],
    isPinged: true,
  },
  'used once': {
    least: 120,
    fields: (age, random) => ({
      cmd: random.pick(['get', 'set', 'eval']),
      idle: Math.max(0, age - random.whole(0, 2)),
    }),
    codes: ['abandoned-clients'],
    isPinged: true,
  },
  'in use': {
    least: 600,
    fields: (_, random) => ({ cmd: random.pick(['get', 'set', 'llen']), idle: random.whole(0, 9) }),
    codes: ['connection-flood', 'growth'],
    isPinged: false,
  },
  ghosts: {
    least: 120,
    fields: (age) => ({ cmd: 'brpop', flags: 'b', idle: age }),
    codes: ['orphan-consumers', 'connection-flood'],
    role: 'blocking',
    isPinged: false,
  },
  subscribed: {
    least: 120,
    fields: (age, random) => ({ cmd: 'subscribe', flags: 'P', sub: random.whole(5, 200), idle: age }),
    codes: ['orphan-subscribers', 'connection-flood'],
    role: 'subscriber',
    isPinged: true,
  },
  'in a transaction': {
    least: 60,
    fields: (age, random) => ({
      cmd: 'set',
      flags: 'x',
      multi: random.whole(0, 9),
      idle: Math.max(0, age - 1),
    }),
    codes: ['abandoned-clients'],
    isPinged: false,
  },
} as const satisfies Record<string, LeakKind>;

export type LeakKindName = keyof typeof leakKinds;

/** The fields of a connection by the way in which it was named. */
type Naming = (index: number, kind: LeakKind, random: Random) => Fields;

const ours =
  (role?: string): Naming =>
  (_, { role: ownRole, isPinged }, random) => {
    const suffix = role ?? ownRole;
    const hasHeartbeat = role === undefined && isPinged;
    return {
      name: suffix === undefined ? 'orders@web-1' : `orders@web-1#${suffix}`,
      ...(hasHeartbeat && { cmd: 'ping', idle: random.whole(0, 15) }),
    };
  };

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'.split('');

const hex = (random: Random, length: number) =>
  Array.from({ length }, () => random.whole(0, 15).toString(16)).join('');

/** Every kind of name. */
export const namings = {
  none: () => ({ name: '' }),
  'one for all': () => ({ name: 'sidekiq' }),
  'one per connection': (index) => ({ name: `worker-${index}` }),
  'a random one per connection': (_, __, random) => ({
    name: [8, 4, 4, 4, 12].map((length) => hex(random, length)).join('-'),
  }),
  'a random word per connection': (_, __, random) => ({
    name: Array.from({ length: 9 }, () => random.pick(LETTERS)).join(''),
  }),
  'one per connection, in our form': (index) => ({ name: `orders@web-${index}` }),
  'ours with heartbeats': ours(),
  'ours without heartbeats': ours('library'),
  'that of a library': () => ({ name: 'ioredisClusterSubscriber' }),
  'that of StackExchange.Redis': () => ({ name: 'APP01(SE.Redis-v2.7.33.41805)', libName: 'SE.Redis' }),
  'none, with lib-name': () => ({ name: '', libName: 'jedis', libVer: '5.1.0' }),
} as const satisfies Record<string, Naming>;

export type NamingName = keyof typeof namings;

/** Texts of which the owner of a leak contains one. */
export const LEAK_IP = '10.9.0.9';
export const isLeakOwner = (owner = '') =>
  owner.includes(LEAK_IP) || /^(sidekiq|orders@web-|ioredisClusterSubscriber|APP01)/.test(owner);

interface LeakOptions {
  readonly kind: LeakKindName;
  readonly naming: NamingName;
  readonly count?: number;
  /** Seconds over which the connections were opened. */
  readonly seconds?: number;
}

/** Leaked connections of one owner, the oldest first. */
export function leakedRows(
  random: Random,
  { kind, naming, count = leakKinds[kind].least, seconds = 3 * 3600 }: LeakOptions,
): ClientRow[] {
  const leak: LeakKind = leakKinds[kind];
  return Array.from({ length: count }, (_, index) => {
    const age = 70 + Math.round(((count - index) / count) * seconds);
    const fields = leak.fields(age, random);
    return clientRow({ ip: LEAK_IP, age, ...fields, ...namings[naming](index, leak, random) });
  });
}
