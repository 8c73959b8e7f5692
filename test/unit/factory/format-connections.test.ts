import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { formatConnections, printAsTable } from '../../../src/factory/format-connections.js';
import type { ConnectionInfo } from '../../../src/ledger/connection.js';

const MINUTE_MS = 60_000;

function connection(given: Partial<ConnectionInfo> = {}): ConnectionInfo {
  return {
    ...{ id: 1, name: 'orders@web-1', role: 'command', target: 'redis://h:6379', parent: undefined },
    ...{ state: 'ready', since: 0, openedAt: Date.now() - 12 * MINUTE_MS - 30_000, dials: 1 },
    ...{
      localPort: 40_001,
      bytesRead: 5,
      bytesWritten: 6,
      clientId: 7,
      callSite: ['main (/app/main.js:1:2)'],
    },
    ...given,
  };
}

const widest = (text: string) => Math.max(...text.split('\n').map(({ length }) => length));

describe('formatConnections', () => {
  test('is a table with a line for each connection', () => {
    const pool = connection({ id: 12, name: 'orders@web-1#pool', state: 'connecting', clientId: undefined });
    expect(formatConnections([connection(), pool]).split('\n')).toEqual([
      'id  name               state       age  server          client id  opened by',
      '1   orders@web-1       ready       12m  redis://h:6379  7          main (/app/main.js:1:2)',
      '12  orders@web-1#pool  connecting  12m  redis://h:6379             main (/app/main.js:1:2)',
    ]);
  });

  test('is narrower than 120 columns, however long names, addresses and paths are', () => {
    const long = {
      name: `${'a-long-service'.repeat(8)}@web-1`,
      target: `redis://${'a-long-host'.repeat(8)}:6379`,
      callSite: [`open (/srv/${'deep/'.repeat(40)}redis.js:12:9)`],
    };
    const text = formatConnections([connection(long), connection()]);
    expect(widest(text)).toBe(119);
    expect(text).toMatch(/ …\S*redis\.js:12:9\)$/m); // the end of a path says more than its beginning
    expect(text).toMatch(/ a-long-service\S*… /);
  });

  test('of none says so', () => {
    expect(formatConnections([])).toBe('no open connections');
  });
});

test('connections print as a table, and are still plain data', () => {
  const plain = [connection(), connection({ id: 2 })];
  const printed = printAsTable([...plain]);
  expect(inspect(printed)).toBe(formatConnections(plain));
  expect(printed).toEqual(plain);
  expect(JSON.stringify(printed)).toBe(JSON.stringify(plain));
  expect(Object.keys(printed)).toEqual(['0', '1']);
  expect(structuredClone(printed)).toEqual(plain);
});
