import { describe, expect, test } from 'vitest';
import type { ClientRow } from '../../../../src/doctor/client-list/client-row.js';
import { lookAtKernels } from '../../../../src/doctor/kernel/kernel-look.js';
import type { NetworkNamespace } from '../../../../src/doctor/kernel/network-namespaces.js';
import type { KernelSocket } from '../../../../src/doctor/kernel/kernel-sockets.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const SERVER = { laddr: '10.0.0.1:6379', end: '10.0.0.1 6379' };
const HERE = '10.0.0.5';

const row = (port: number, given: Partial<ClientRow> = {}) =>
  clientRow({ id: port, ip: HERE, port, laddr: SERVER.laddr, ...given });

const socket = (local: string, given: Partial<KernelSocket> = {}): KernelSocket => ({
  local,
  remote: SERVER.end,
  remotePort: 6379,
  state: 'established',
  queuedBytes: 0,
  timer: 'other',
  timerMs: 900,
  timesResent: 0,
  unansweredProbes: 0,
  uid: 0,
  isOwned: true,
  inode: '1',
  ...given,
});

const namespace = (
  sockets: readonly KernelSocket[],
  given: Partial<NetworkNamespace> = {},
): NetworkNamespace => ({
  isOwn: false,
  sockets,
  addresses: new Set([HERE, '127.0.0.1']),
  translatedEnds: new Set(),
  mayTranslate: { ipv4: false, ipv6: false },
  ...given,
});

const OWN_ROW = row(1);
const OWN_SOCKET = socket(`${HERE} 1`);

interface Situation {
  /** Further rows of the list. */
  readonly others?: readonly ClientRow[];
  /** This program's row as the server shows it; `null` before Redis 6.2. */
  readonly own?: { readonly addr: string; readonly laddr: string } | null;
  readonly ownLocalEnd?: string;
}

/** The verdict on a row by these namespaces. */
function verdictOf(
  asked: ClientRow,
  namespaces: readonly NetworkNamespace[],
  { others = [], own = OWN_ROW, ownLocalEnd = OWN_SOCKET.local }: Situation = {},
) {
  const rows = [...(own === OWN_ROW ? [OWN_ROW] : []), ...others, asked];
  return lookAtKernels({ rows, own: own ?? undefined, ownLocalEnd }, () => namespaces)(asked).kind;
}

const own = (...sockets: readonly KernelSocket[]) => namespace([OWN_SOCKET, ...sockets], { isOwn: true });

describe('the kernel of this program', () => {
  test.each<[string, readonly KernelSocket[], string]>([
    ['has the connection', [socket(`${HERE} 40`)], 'alive'],
    [
      'has it towards a virtual address of the server',
      [socket(`${HERE} 40`, { remote: '10.96.0.1 6379' })],
      'alive',
    ],
    ['has it half closed by a process', [socket(`${HERE} 40`, { state: 'close-wait' })], 'alive'],
    ['does not have it', [], 'gone'],
    ['has it without a process', [socket(`${HERE} 40`, { state: 'closing', isOwned: false })], 'gone'],
    ['has the port of another address', [socket('127.0.0.1 40')], 'gone'],
  ])('%s', (_, sockets, verdict) => {
    expect(verdictOf(row(40), [own(...sockets)])).toBe(verdict);
  });

  test('says nothing about another address', () => {
    expect(verdictOf(row(40, { ip: '10.0.0.6', addr: '10.0.0.6:40' }), [own()])).toBe('unknown');
    expect(verdictOf(row(0, { addr: '/run/redis.sock:0', ip: '/run/redis.sock' }), [own()])).toBe('unknown');
  });

  test('says nothing if the server sees this program under another address or port', () => {
    const seen = { addr: `${HERE}:7`, laddr: SERVER.laddr };
    expect(verdictOf(row(40), [own()], { own: seen })).toBe('unknown');
    expect(verdictOf(row(40), [own()], { own: null })).toBe('unknown');
  });

  test('says nothing about an address that others may share through it', () => {
    const router = { ...own(), mayTranslate: { ipv4: true, ipv6: true } };
    expect(verdictOf(row(40), [router])).toBe('unknown');
    expect(verdictOf(row(40), [{ ...router, sockets: own(socket(`${HERE} 40`)).sockets }])).toBe('alive');
  });

  test('says nothing about an end that it translates', () => {
    const translating = { ...own(socket('127.0.0.1 40')), translatedEnds: new Set([`${HERE} 40`]) };
    expect(verdictOf(row(40), [translating])).toBe('unknown');
    expect(verdictOf(row(41), [translating])).toBe('gone');
  });

  test('says nothing while two connections that may lead to the server share a port', () => {
    const to = (remote: string, remotePort: number) => socket(`${HERE} 39`, { remote, remotePort });
    const twoVirtual = own(to('10.96.0.1 6379', 6379), to('10.96.0.2 6379', 6379));
    expect(verdictOf(row(40), [twoVirtual])).toBe('unknown');
    expect(verdictOf(row(40), [own(to('10.96.0.1 6379', 6379), to('10.9.9.9 5432', 5432))])).toBe('gone');
  });

  test.each(['fe80::1', '169.254.7.7'])(
    'says nothing about %s, which machines on other links may have',
    (ip) => {
      const addr = ip.includes(':') ? `[${ip}]` : ip;
      const seen = { addr: `${addr}:1`, laddr: SERVER.laddr };
      const link = namespace([socket(`${ip} 1`)], { isOwn: true, addresses: new Set([ip]) });
      const asked = row(40, { ip: addr, addr: `${addr}:40` });
      expect(verdictOf(asked, [link], { own: seen, ownLocalEnd: `${ip} 1` })).toBe('unknown');
    },
  );
});

describe('the kernel of another namespace', () => {
  const living = [row(50), row(51)];
  const container = (...sockets: readonly KernelSocket[]) =>
    namespace([socket(`${HERE} 50`), socket(`${HERE} 51`), ...sockets]);
  const outside = { others: living, own: null };

  test('is asked if the list has all of its living connections', () => {
    expect(verdictOf(row(40), [container()], outside)).toBe('gone');
    expect(verdictOf(row(40), [container(socket(`${HERE} 40`))], outside)).toBe('alive');
  });

  test('is not asked if the list lacks one of them: another network has the same addresses', () => {
    expect(verdictOf(row(40), [container(socket(`${HERE} 52`))], outside)).toBe('unknown');
  });

  test('is not asked if a single connection matches, which an equal port explains', () => {
    const namespaces = [namespace([socket(`${HERE} 50`)])];
    expect(verdictOf(row(40), namespaces, { others: [row(50)], own: null })).toBe('unknown');
  });

  test('is asked although connections that the server has closed are left in it', () => {
    const closing = [
      socket(`${HERE} 52`, { state: 'close-wait' }),
      socket(`${HERE} 53`, { state: 'closing', isOwned: false }),
    ];
    expect(verdictOf(row(40), [container(...closing)], outside)).toBe('gone');
  });

  test('is not asked if its interfaces do not have the address', () => {
    const proxy = { ...container(), addresses: new Set(['10.0.0.9']) };
    expect(verdictOf(row(40), [proxy], outside)).toBe('unknown');
  });

  test('outweighs the absence elsewhere', () => {
    const second = namespace([socket(`${HERE} 40`)]);
    expect(verdictOf(row(40), [own(), second])).toBe('alive');
  });
});

describe('the kernel of the server', () => {
  const far = { ip: '10.0.9.9', addr: '10.0.9.9:40' };
  const half = (given: Partial<KernelSocket>) => socket(SERVER.end, { remote: '10.0.9.9 40', ...given });
  const server = (given: Partial<KernelSocket>) =>
    namespace([socket(SERVER.end, { remote: `${HERE} 1` }), half(given)], {
      addresses: new Set(['10.0.0.1']),
    });

  test.each<[string, Partial<KernelSocket>, string]>([
    ['resends bytes in vain', { timer: 'resend', queuedBytes: 22, timesResent: 2 }, 'unanswered'],
    ['has resent bytes once', { timer: 'resend', queuedBytes: 22, timesResent: 1 }, 'unknown'],
    ['waits for an acknowledgement', { timer: 'resend', queuedBytes: 22 }, 'unknown'],
    ['probes in vain', { timer: 'keepalive', unansweredProbes: 2 }, 'unanswered'],
    ['has probed once', { timer: 'keepalive', unansweredProbes: 1 }, 'unknown'],
    ['waits to probe', { timer: 'keepalive' }, 'unknown'],
    [
      'probes a closed window, which is answered',
      { timer: 'window', queuedBytes: 99, unansweredProbes: 1 },
      'unknown',
    ],
    [
      'probes a closed window in vain',
      { timer: 'window', queuedBytes: 99, unansweredProbes: 2 },
      'unanswered',
    ],
    ['closes', { timer: 'other', queuedBytes: 99, unansweredProbes: 5 }, 'unknown'],
  ])('%s: %j', (_, given, verdict) => {
    expect(verdictOf(row(40, far), [server(given)])).toBe(verdict);
  });

  test('is not asked in a namespace without the server’s half of the own connection', () => {
    const elsewhere = namespace([half({ timer: 'resend', queuedBytes: 22, timesResent: 9 })]);
    expect(verdictOf(row(40, far), [elsewhere])).toBe('unknown');
  });
});
