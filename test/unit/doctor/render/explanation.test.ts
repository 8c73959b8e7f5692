import { describe, expect, test } from 'vitest';
import { clientLibraryNames } from '../../../../src/doctor/attribution/client-library.js';
import { findingCodes } from '../../../../src/doctor/audit/finding-table.js';
import { isAboutClients } from '../../../../src/doctor/remedies/finding-remedies.js';
import { codeLinesOf } from '../../../../src/doctor/remedies/library-lines.js';
import { runCli } from '../../../support/command-io.js';

const explain = (argv: readonly string[], columns = 80) =>
  runCli(['explain', ...argv], { tty: true, columns, env: { NO_COLOR: '1' } });

describe.each(findingCodes)('explain %s', (code) => {
  test('prints the page for a terminal: no markup, no line that is too wide', async () => {
    const { stdout, stderr, code: exit } = await explain([code]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(code);
    for (const heading of ['How it is recognised', 'At 3 a.m.', 'Permanent fix'])
      expect(lines).toContain(heading);
    expect(lines).not.toContain('What it looks like');
    expect(stdout).not.toMatch(/\*\*|\]\(|```|<!--/);
    const text = lines.filter((line) => !line.startsWith('    ') && !line.startsWith('|'));
    for (const line of text) expect(line.length, line).toBeLessThanOrEqual(80);
  });
});

describe.each(findingCodes.filter(isAboutClients))('explain %s', (code) => {
  test('prints the lines of the given library, and of no other', async () => {
    const { stdout } = await explain([code, '--library', 'Jedis']);
    expect(stdout).toContain(
      codeLinesOf('jedis')
        .map((line) => `    ${line}\n`)
        .join(''),
    );
    expect(stdout).not.toContain('redis.BlockingConnectionPool');
    const without = await explain([code]);
    expect(without.stdout).not.toContain('JedisPooled');
    for (const library of clientLibraryNames) expect(without.stdout.replaceAll('\n', ' ')).toContain(library);
  });
});

test('explain without a code lists all codes', async () => {
  const { stdout } = await explain([]);
  for (const code of findingCodes) expect(stdout).toContain(`\n${code} `);
});

test.each([
  [['connection-floods'], /Allowed choices are connection-flood, /],
  [['connection-flood', '--library', 'lettuce2'], /Allowed choices are redis-py, /],
])('explain %j is refused', async (argv, message) => {
  const { code, stdout, stderr } = await explain(argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
});
