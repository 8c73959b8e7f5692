import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisBinary, freePort, spawnGuarded, waitUntilReady, type Address } from './redis/index.js';
import type { StartOptions } from './redis/index.js';

/** A sentinel that watches one master. The caller disposes of it. */
export interface Sentinel extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly master: string;
}

/** Starts a sentinel for a server that runs on this machine. */
export async function startSentinel(
  master: Address,
  name = 'mymaster',
  options: Pick<StartOptions, 'server'> = {},
): Promise<Sentinel> {
  const binary = await findRedisBinary(options);
  const port = await freePort();
  const ownDir = mkdtempSync(join(tmpdir(), 'redis-hygiene-sentinel-'));
  const file = join(ownDir, 'sentinel.conf');
  writeFileSync(
    file,
    `port ${port}\nbind 127.0.0.1\ndir ${ownDir}\nsentinel monitor ${name} ${master.host} ${master.port} 1\n`,
  );
  const process = await spawnGuarded(binary.path, [file, '--sentinel'], { env: binary.env, ownDir });
  await waitUntilReady({ host: '127.0.0.1', port }, { timeoutMs: 10_000 });
  return { host: '127.0.0.1', port, master: name, [Symbol.asyncDispose]: () => process.end(1_000) };
}
