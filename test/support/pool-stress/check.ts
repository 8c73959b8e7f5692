import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';

/** In CLIENT INFO, of a connection that nobody has touched. */
const UNTOUCHED: Readonly<Record<string, string>> = {
  db: '0',
  sub: '0',
  psub: '0',
  ssub: '0',
  multi: '-1',
  flags: 'N',
  redir: '-1',
  user: 'default',
};

/** Fields that older servers do not tell. */
const WHERE_TOLD: Readonly<Record<string, string>> = { watch: '0' };

function readFields(info: string): Map<string, string> {
  return new Map(
    info
      .trim()
      .split(' ')
      .map((field) => field.split(/=(.*)/s) as [string, string]),
  );
}

/** Looks for what an earlier borrower may have left, by what the server says and by what commands do. */
export async function findTraces(client: Redis, name: string): Promise<string[]> {
  const found: string[] = [];
  const expected = (what: string, actual: unknown, wanted: unknown) => {
    if (actual !== wanted) found.push(`${what} is ${String(actual)}, expected ${String(wanted)}`);
  };
  const info = await client.client('INFO');
  const fields = readFields(info);
  for (const [field, wanted] of Object.entries({ ...UNTOUCHED, name })) {
    expected(field, fields.get(field), wanted);
  }
  for (const [field, wanted] of Object.entries(WHERE_TOLD)) {
    expected(field, fields.get(field) ?? wanted, wanted);
  }
  expected('where', await client.get('where'), '0');
  // A reply that belongs to another command, and an `echo` that somebody else has defined.
  const word = randomUUID();
  expected('echo', await client.echo(word), word);
  // Somebody else's WATCH: `hot` changes all the time.
  expected('exec', (await client.multi().incr('count').incr('hot').exec()) === null, false);
  expected('listeners', client.listenerCount('message'), 0);
  return found;
}
