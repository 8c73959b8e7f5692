import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../../../src/doctor/attribution/attribution.js';
import type { ClientLibrary } from '../../../../src/doctor/attribution/client-library.js';
import type { Finding } from '../../../../src/doctor/audit/finding.js';
import { findingTable } from '../../../../src/doctor/audit/finding-table.js';
import { findingPagePath, renderFindings } from '../../../../src/doctor/render/findings-report.js';
import { codeLinesOf } from '../../../../src/doctor/remedies/library-lines.js';
import { plainStyle } from '../../../../src/doctor/render/text-table.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

function finding(given: Partial<Finding> = {}): Finding {
  return {
    ...{ code: 'connection-flood', severity: 'error', target: '10.0.0.1:6379', owner: 'shop-orders-1' },
    ...{ summary: 'It holds 5432 of 10000 connections.', evidence: { connections: 5432 } },
    ...{ examples: [], remedy: 'Restart it.', ...given },
  };
}

const render = (
  findings: readonly Finding[],
  width = 80,
  report: Partial<Parameters<typeof renderFindings>[0]> = {},
) => renderFindings({ findings, hasSeveralTargets: false, ...report }, { width, style: plainStyle });

/** Connections that a finding is about. */
const about = (count: number, oldestSeconds: number, ...libraries: readonly ClientLibrary[]) => ({
  connections: { count, oldestSeconds, libraries },
});

test('one owner is one story: who, how many, since when, its causes, some rows once, what to do once', () => {
  const attribution: Attribution = {
    ...{ owner: 'shop-orders-1', source: 'container', confidence: 'certain', service: 'orders' },
  };
  const rows = [9, 10, 11].map((id) => clientRow({ id, age: 7_860, idle: 90, cmd: 'ping' }));
  const flood = finding({ attribution, examples: rows, cause: '5432 without a name', ...about(5432, 7_860) });
  const abandoned = finding({
    ...{ code: 'abandoned-clients', severity: 'warning', attribution, examples: rows, ...about(5400, 7_800) },
    summary: 'shop-orders-1 opened 5400 connections.',
  });
  expect(render([flood, abandoned])).toEqual([
    'error   container shop-orders-1: 5432 connections, the oldest 2h11m old',
    '  connection-flood: 5432 without a name',
    '  abandoned-clients (warning): opened 5400 connections.',
    '  id=9 addr=172.18.0.50:40009 name= age=2h11m idle=1m30s flags=N cmd=ping',
    '  id=10 addr=172.18.0.50:40010 name= age=2h11m idle=1m30s flags=N cmd=ping',
    '  To do: Restart it.',
    '  More: redis-hygiene explain connection-flood',
    '',
    '2 findings: 1 error, 1 warning.',
  ]);
});

const ofServer = (given: Partial<Finding> = {}): Finding => {
  const one = finding({ code: 'maxclients-near', summary: '9791 connections.', ...given });
  delete (one as { owner?: string }).owner;
  return one;
};

test('findings about servers come after those about owners, also before warnings', () => {
  const lines = render([ofServer(), finding({ severity: 'warning', code: 'growth' })]);
  expect(lines.filter((line) => /^(error|warning)/.test(line))).toEqual([
    'warning shop-orders-1',
    'error   10.0.0.1:6379',
  ]);
  expect(lines).toContain('  maxclients-near: 9791 connections.');
  expect(lines).toContain('  More: redis-hygiene explain maxclients-near');
});

test('a server whose connections have been told by owner has its cause in a few words', () => {
  const full = ofServer({ summary: 'Full. Largest owners: shop-orders-1.', cause: 'Full.' });
  expect(render([finding(), full])).toContain('  maxclients-near: Full.');
  expect(render([full])).toContain('  maxclients-near: Full. Largest owners: shop-orders-1.');
});

test('an owner on several servers is one story, whose causes name the servers', () => {
  const second = finding({ target: '10.0.0.2:6379', summary: 'Other.', ...about(10, 60) });
  const lines = render([finding(about(5432, 30)), second], 80, { hasSeveralTargets: true });
  expect(lines.slice(0, 3)).toEqual([
    'error   shop-orders-1: 5442 connections, the oldest 1m old',
    '  connection-flood on 10.0.0.1:6379: It holds 5432 of 10000 connections.',
    '  connection-flood on 10.0.0.2:6379: Other.',
  ]);
});

test('an owner on one of several servers is named with it', () => {
  const lines = render([finding(about(1, 30))], 80, { hasSeveralTargets: true });
  expect(lines.slice(0, 2)).toEqual([
    'error   shop-orders-1 on 10.0.0.1:6379: 1 connection, 30s old',
    '  connection-flood: It holds 5432 of 10000 connections.',
  ]);
});

test.each<[string, Partial<Attribution>, string, string[]]>([
  [
    'a process, with its service and folder',
    { owner: 'node a.js (pid 7)', source: 'process', service: 'shop', note: 'in /srv/shop' },
    'process node a.js (pid 7)',
    ['  service shop, in /srv/shop'],
  ],
  [
    'a container whose name contains its service',
    { owner: 'shop-orders-1', source: 'container', service: 'orders', note: 'orders:7' },
    'container shop-orders-1',
    [],
  ],
  [
    'an owner by name, with its process',
    { owner: 'orders@vm', source: 'name', service: 'orders', note: 'process node a.js (pid 7) in /srv' },
    'orders@vm',
    ['  process node a.js (pid 7) in /srv'],
  ],
  [
    'a pod',
    { owner: 'default/web-x2', source: 'pod', service: 'shop' },
    'pod default/web-x2',
    ['  service shop'],
  ],
])('the heading names %s', (_, given, who, details) => {
  const base: Attribution = { owner: 'x', source: 'address', confidence: 'certain' };
  const attribution = { ...base, ...given };
  const lines = render([finding({ owner: attribution.owner, attribution, cause: 'Why.' })]);
  expect(lines.slice(0, 2 + details.length)).toEqual([
    `error   ${who}`,
    ...details,
    '  connection-flood: Why.',
  ]);
});

test('why an address is shared is told once', () => {
  const attribution: Attribution = {
    ...{ owner: '172.18.0.1', source: 'container', confidence: 'ambiguous', note: 'gateway of shop' },
  };
  const summary = '172.18.0.1, a shared address, holds 900 connections.';
  expect(render([finding({ owner: '172.18.0.1', attribution, summary })]).slice(0, 3)).toEqual([
    'error   172.18.0.1, a shared address',
    '  gateway of shop',
    '  connection-flood: holds 900 connections.',
  ]);
});

describe('of very many owners', () => {
  const owners = (count: number) =>
    Array.from({ length: count }, (_, at) => finding({ owner: `host-${at}`, ...about(50, 120) }));
  const isHeading = (line: string) => line.startsWith('error ');

  test('the first ten have a story, and each further one a line', () => {
    const lines = render([...owners(12), finding({ owner: 'host-11', code: 'growth', ...about(50, 120) })]);
    expect(lines.filter(isHeading)).toHaveLength(10);
    const at = lines.indexOf('and 2 more owners:');
    expect(lines.slice(at + 1, at + 4)).toEqual([
      '  error host-10: 50 connections, the oldest 2m old (connection-flood)',
      '  error host-11: 50 connections, the oldest 2m old (connection-flood, growth)',
      '',
    ]);
    expect(lines.at(-1)).toBe('13 findings: 13 errors, 0 warnings.');
  });

  test('those after the fortieth are counted', () => {
    const lines = render(owners(50));
    expect(lines.filter((line) => line.startsWith('  error host-'))).toHaveLength(30);
    expect(lines).toEqual(expect.arrayContaining(['and 40 more owners:', '  and 10 more, see --json']));
  });

  test('ten have no further ones', () => {
    expect(render(owners(10)).join()).not.toContain('more owner');
  });

  test('findings that the audit has left out are counted', () => {
    const lines = render([finding({ evidence: { connections: 1, furtherFindings: 7 } })]);
    expect(lines.at(-1)).toBe(
      '1 finding: 1 error, 0 warnings. 7 further findings of the same codes left out.',
    );
  });
});

describe('the lines of a library', () => {
  const code = codeLinesOf('redis-py').map((line) => `  ${line}`);

  test('are shown once, for all owners that use it', () => {
    const stories = ['billing', 'invoices'].map((owner) => finding({ owner, ...about(5, 60, 'redis-py') }));
    const lines = render(stories);
    expect(lines.filter((line) => line.includes('More:'))).toEqual(
      Array(2).fill('  More: redis-hygiene explain connection-flood --library redis-py'),
    );
    const at = lines.indexOf('In redis-py 3.4 and later, for billing, invoices:');
    expect(lines.slice(at + 1, at + 1 + code.length)).toEqual(code);
    expect(lines.filter((line) => line === code[0])).toHaveLength(1);
  });

  test('are not shown if several libraries are possible, which are named after the command', () => {
    const lines = render([finding(about(5, 60, 'jedis', 'lettuce', 'redisson'))]);
    const at = lines.indexOf('  More: redis-hygiene explain connection-flood --library jedis');
    expect(lines[at + 1]).toBe('  The library may also be lettuce or redisson.');
    expect(lines.join()).not.toContain('JedisPooled');
  });

  test('of the library that the user has named replace those of the one that was found', () => {
    const text = render([finding(about(5, 60, 'jedis'))], 80, { library: 'redis-py' }).join('\n');
    expect(text).toContain(code.join('\n'));
    expect(text).not.toContain('JedisPooled');
  });

  test('are not shown for a server', () => {
    expect(render([ofServer(about(5, 60, 'redis-py'))]).join()).not.toContain('redis-py');
  });
});

test('findings are counted', () => {
  const lines = render([finding(), finding({ severity: 'warning', code: 'growth' }), finding()]);
  expect(lines.at(-1)).toBe('3 findings: 2 errors, 1 warning.');
});

test('no findings are reported as such', () => {
  expect(render([])).toEqual(['No findings.']);
});

test('servers that could not be asked are counted in the summary', () => {
  const summary = (findings: Finding[], failedTargets: number) =>
    render(findings, 80, { failedTargets }).at(-1);
  expect(summary([], 1)).toBe('No findings. 1 server could not be asked.');
  expect(summary([finding()], 2)).toBe('1 finding: 1 error, 0 warnings. 2 servers could not be asked.');
});

describe('on a narrow terminal', () => {
  test('a command stays on one line, so that it can be pasted', () => {
    expect(render([finding(about(5, 60, 'stackexchange.redis'))], 40)).toContain(
      '  More: redis-hygiene explain connection-flood --library stackexchange.redis',
    );
  });

  test.each([40, 60])('of %d columns sentences are wrapped without loss', (width) => {
    const summary = 'One owner holds a great many connections, far more than a service needs. '
      .repeat(3)
      .trim();
    const lines = render([finding({ summary })], width);
    for (const line of lines) {
      if (!line.includes('More:')) expect(line.length).toBeLessThanOrEqual(width);
    }
    expect(lines.map((line) => line.trim()).join(' ')).toContain(summary);
  });

  test('of one column text is 20 columns wide', () => {
    expect(render([finding()], 1)).toEqual(render([finding()], 22));
  });
});

test('each severity has its style', () => {
  const style = {
    ...plainStyle,
    error: (text: string) => `E(${text})`,
    warning: (text: string) => `W(${text})`,
  };
  const findings = [finding(), finding({ severity: 'warning', owner: 'other' })];
  const lines = renderFindings({ findings, hasSeveralTargets: false }, { width: 80, style });
  expect(lines.filter((line) => line.includes('('))).toEqual([
    'E(error  ) shop-orders-1',
    'W(warning) other',
  ]);
});

test('a name from another party is shown without passwords and control characters', () => {
  const examples = [clientRow({ name: 'redis://:s3cret@10.0.0.1\x1b[2J' })];
  const text = render([finding({ examples, owner: 'redis://:s3cret@10.0.0.2' })], 200).join('\n');
  expect(text).not.toContain('s3cret');
  expect(text).toContain('redis://[redacted]@10.0.0.1?[2J');
  expect(text).toContain('redis://[redacted]@10.0.0.2');
});

test('no part of a finding contains unprintable characters', () => {
  const unprintable = 'x\u202ey\u009bz\n';
  const examples = [clientRow({ addr: unprintable, flags: unprintable, cmd: unprintable })];
  const one = finding({ examples, owner: unprintable, summary: unprintable, target: unprintable });
  for (const line of render([one], 200, { hasSeveralTargets: true }))
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('each finding has a page', () => {
  for (const code of Object.keys(findingTable)) expect(existsSync(findingPagePath(code)), code).toBe(true);
});
