import { describe, expect, test } from 'vitest';
import { randomHealthyRows } from '../../../support/unit/doctor/audit/healthy-fleets.js';
import {
  isLeakOwner,
  leakedRows,
  type LeakKindName,
  leakKinds,
  LEAK_IP,
  type NamingName,
  namings,
} from '../../../support/unit/doctor/audit/leaks.js';
import { findingsInRows, withIds } from '../../../support/unit/doctor/audit/lists.js';
import { createRandom } from '../../../support/unit/doctor/audit/random.js';

const kinds = Object.keys(leakKinds) as LeakKindName[];
const names = Object.keys(namings) as NamingName[];

/** Seconds in which a leak opened its connections. */
const DURATIONS = [600, 3_600, 86_400];

/** Lists of healthy clients that are tried. A seed gives the same list each time. */
const HEALTHY_LISTS = 40;

describe.each(kinds)('a leak of connections: %s', (kind) => {
  test.each(names)('is found beside healthy clients with the name: %s', async (naming) => {
    for (const [index, seconds] of DURATIONS.entries()) {
      const random = createRandom(index + 1);
      const others = randomHealthyRows(random, 10 * index);
      const rows = withIds([...others, ...leakedRows(random, { kind, naming, seconds })]);
      const findings = await findingsInRows(rows);
      const owners = findings.map(({ owner }) => owner).filter((owner) => owner !== undefined);
      expect(owners.filter((owner) => !isLeakOwner(owner))).toEqual([]);
      const codes = findings.map(({ code }) => code);
      expect(leakKinds[kind].codes.filter((code) => codes.includes(code))).not.toEqual([]);
    }
  });

  test.each(names)('is found while it grows, with the name: %s', async (naming) => {
    const random = createRandom(7);
    const leaked = leakedRows(random, { kind, naming, count: 2 * leakKinds[kind].least, seconds: 300 });
    const earlier = withIds([...randomHealthyRows(random, 9), ...leaked.slice(0, leaked.length / 2)]);
    const opened = leaked.slice(leaked.length / 2).map((row, index) => ({
      ...row,
      ...{ id: earlier.length + index + 1, age: index % 10, idle: row.idle < row.age ? 0 : index % 10 },
    }));
    const findings = await findingsInRows([...earlier, ...opened], { earlier });
    expect(findings.filter(({ owner }) => isLeakOwner(owner)).map(({ code }) => code)).not.toEqual([]);
  });
});

test('two leaks of like size are both found', async () => {
  const random = createRandom(3);
  for (const kind of kinds) {
    const one = leakedRows(random, { kind, naming: 'none' });
    const other = leakedRows(random, { kind, naming: 'none' }).map((row) => ({ ...row, ip: '10.8.0.8' }));
    const owners = (await findingsInRows(withIds([...one, ...other]))).map(({ owner }) => owner);
    expect(owners).toEqual(expect.arrayContaining([LEAK_IP, '10.8.0.8']));
  }
});

test('a leak of a service with redis-hygiene is found at any time', async () => {
  const random = createRandom(4);
  for (const seconds of [9, 45, 600, 90_000]) {
    const rows = leakedRows(random, {
      kind: 'abandoned',
      naming: 'ours with heartbeats',
      count: 100,
      seconds: 1,
    });
    const aged = rows.map((row) => ({ ...row, age: seconds, idle: Math.min(seconds, row.idle) }));
    expect((await findingsInRows(withIds(aged)))[0]).toMatchObject({ owner: 'orders@web-1' });
  }
});

test('60 unused connections beside another one are found in a list of any server, loopback too', async () => {
  const random = createRandom(5);
  const leaked = leakedRows(random, { kind: 'abandoned', naming: 'none', count: 60, seconds: 1 });
  const rows = [
    ...leaked,
    ...leaked.slice(0, 1).map((row) => ({ ...row, name: 'cron', cmd: 'get', idle: 1 })),
  ];
  for (const ip of [LEAK_IP, '127.0.0.1', '::1', '/run/redis.sock']) {
    const findings = await findingsInRows(withIds(rows.map((row) => ({ ...row, ip }))));
    expect(findings).toMatchObject([{ code: 'abandoned-clients', owner: ip }]);
  }
});

test.each(Array.from({ length: HEALTHY_LISTS }, (_, index) => index + 1))(
  'a list of healthy clients has no findings (%i)',
  async (seed) => {
    const random = createRandom(seed);
    const rows = withIds(randomHealthyRows(random, random.whole(1, 60)));
    expect((await findingsInRows(rows)).map(({ code, owner }) => [code, owner])).toEqual([]);
  },
);
