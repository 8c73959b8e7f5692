import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** Addresses as in incident 1: two services hold nearly all connections, three hold a few. */
const addresses = [
  ...Array.from({ length: 5432 }, () => '172.18.0.50'),
  ...Array.from({ length: 4244 }, () => '172.18.0.104'),
  ...Array.from({ length: 43 }, () => '172.18.0.59'),
  ...Array.from({ length: 40 }, () => '172.18.0.54'),
  ...Array.from({ length: 32 }, () => '172.18.0.55'),
];

/** Step that spreads the addresses over the list in the same way each time. It has no common divisor with their number. */
const ADDRESS_STEP = 7919;
const ROWS_PER_CHUNK = 10_000;

/** Names of the connections in a list: none, as in incident 1, or each another one. */
export type Names = 'none' | 'distinct';

/** A row in the format of incident 1, 156 bytes long on average without a name. */
function rowAt(index: number, names: Names): string {
  const ip = addresses[(index * ADDRESS_STEP) % addresses.length] ?? '';
  const age = index % 5000;
  const times = `age=${age} idle=${age}`;
  return `id=${7863 + index} addr=${ip}:${1024 + (index % 60_000)} fd=${index % 10_000} name=${names === 'none' ? '' : `worker-${index}`} ${times} flags=N db=${index % 16} sub=0 psub=0 multi=-1 qbuf=0 qbuf-free=0 obl=0 oll=0 omem=0 events=r cmd=ping\n`;
}

/** Writes a `CLIENT LIST` with the given number of rows to a file. */
export async function writeClientList(file: string, rows: number, names: Names = 'none'): Promise<void> {
  const stream = createWriteStream(file);
  for (let from = 0; from < rows; from += ROWS_PER_CHUNK) {
    const count = Math.min(ROWS_PER_CHUNK, rows - from);
    const chunk = Array.from({ length: count }, (_, index) => rowAt(from + index, names)).join('');
    if (!stream.write(chunk)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}
