import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';

/** Fields of CLIENT INFO for a connection without leftover state. */
const CLEAN_FIELDS: Readonly<Record<string, string>> = {
  db: '0',
  sub: '0',
  psub: '0',
  ssub: '0',
  multi: '-1',
  flags: 'N',
  redir: '-1',
  user: 'default',
};

/** Fields that older servers leave out. */
const OPTIONAL_CLEAN_FIELDS: Readonly<Record<string, string>> = { watch: '0' };

function readFields(info: string): Map<string, string> {
  return new Map(
    info
      .trim()
      .split(' ')
      .map((field) => field.split(/=(.*)/s) as [string, string]),
  );
}

/**
 * Finds state that an earlier borrower left on a connection, by CLIENT INFO and by the replies of commands. Returns a
 * text for each difference. Expects that key `where` holds the number of its database.
 */
export async function findLeftoverState(client: Redis, name: string): Promise<string[]> {
  const differences: string[] = [];
  const compare = (what: string, actual: unknown, expected: unknown) => {
    if (actual !== expected) differences.push(`${what} is ${String(actual)}, expected ${String(expected)}`);
  };
  const info = await client.client('INFO');
  const fields = readFields(info);
  for (const [field, expected] of Object.entries({ ...CLEAN_FIELDS, name })) {
    compare(field, fields.get(field), expected);
  }
  for (const [field, expected] of Object.entries(OPTIONAL_CLEAN_FIELDS)) {
    compare(field, fields.get(field) ?? expected, expected);
  }
  compare('where', await client.get('where'), '0');
  // Finds replies that belong to another command, and an `echo` that another borrower has defined.
  const word = randomUUID();
  compare('echo', await client.echo(word), word);
  // Finds a WATCH of another borrower: `hot` changes all the time.
  compare('exec', (await client.multi().incr('count').incr('hot').exec()) === null, false);
  compare('listeners', client.listenerCount('message'), 0);
  return differences;
}
