import { describe, expect, test } from 'vitest';
import { createLivingSocketFinder } from '../../../src/liveness/living-sockets.js';
import { end, row, table } from '../../support/unit/liveness/proc-table.js';

const pair = { local: '10.0.0.1:50007', remote: '10.0.0.2:6379' };

/** A row of a socket that no process has open any more. */
function closedRow(local: string, remote: string, state: string): string {
  return row(end(local), end(remote), { state }).replace(' 1448042 ', ' 0 ');
}

function finderOf(tcp: string | Error, tcp6: string | Error = table()) {
  return createLivingSocketFinder((file) => {
    const text = file.endsWith('6') ? tcp6 : tcp;
    return text instanceof Error ? Promise.reject(text) : Promise.resolve(text);
  });
}

const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' });
const denied = Object.assign(new Error('denied'), { code: 'EACCES' });

describe('two ends have a living socket', () => {
  test.each([
    ['that is established', table(row(end(pair.local), end(pair.remote)))],
    [
      'that is closing, but still open in a process',
      table(row(end(pair.local), end(pair.remote), { state: '04' })),
    ],
    ['that has no owner yet', table(closedRow(pair.local, pair.remote, '03'))],
    ['that has no owner, in a state that is not closing', table(closedRow(pair.local, pair.remote, '08'))],
  ])('%s', async (_, tcp) => {
    expect(await finderOf(tcp)([pair])).toEqual([true]);
  });

  test('that one of two readings shows, because the kernel may leave out a row', async () => {
    const texts = [table(row(end(pair.local), end(pair.remote))), table()];
    for (const [first, second] of [texts, texts.toReversed()]) {
      const readings = [first, second];
      const find = createLivingSocketFinder((file) =>
        Promise.resolve((file.endsWith('6') ? table() : readings.shift()) ?? ''),
      );
      expect(await find([pair])).toEqual([true]);
    }
  });

  test('of family IPv6 that is connected to an IPv4 address', async () => {
    const tcp6 = table(row(end('[::ffff:10.0.0.1]:50007'), end('[::ffff:10.0.0.2]:6379')));
    expect(await finderOf(table(), tcp6)([pair])).toEqual([true]);
  });

  test('of family IPv6, whatever the zone', async () => {
    const tcp6 = table(row(end('[fe80::1]:50007'), end('[fe80::2]:6379')));
    const linkLocal = { local: '[fe80::1%eth0]:50007', remote: '[fe80::2%eth0]:6379' };
    expect(await finderOf(table(), tcp6)([pair, linkLocal])).toEqual([false, true]);
  });
});

describe('two ends have no living socket', () => {
  test.each(['04', '05', '06', '07', '09', '0B'])('in state %s without an owner', async (state) => {
    expect(await finderOf(table(closedRow(pair.local, pair.remote, state)))([pair])).toEqual([false]);
  });

  test('if only other pairs are listed', async () => {
    const rows = [
      row(end('10.0.0.1:50008'), end(pair.remote)),
      row(end(pair.local), end('10.0.0.3:6379')),
      row(end(pair.remote), end(pair.local)),
    ];
    expect(await finderOf(table(...rows))([pair])).toEqual([false]);
  });

  test('on a host without IPv6', async () => {
    expect(await finderOf(table(), missing)([pair])).toEqual([false]);
  });
});

test.each([
  ['the file does not exist', missing, table()],
  ['the file may not be read', denied, table()],
  ['the file of IPv6 may not be read', table(), denied],
  ['a row cannot be read', table('   7: damaged'), table()],
  ['a row of IPv6 cannot be read', table(), table('   7: damaged')],
])('nothing is known if %s', async (_, tcp, tcp6) => {
  expect(await finderOf(tcp, tcp6)([pair])).toBeUndefined();
});
