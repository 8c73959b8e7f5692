import { expect, test } from 'vitest';
import { printJson } from '../support/printed-json.js';
import { useRaw } from '../support/use-raw.js';
import { useRedis } from '../support/use-redis.js';

// JSON documents contain no password.

const SECRET = 's3cr3t-of-the-server';
const redis = useRedis();
const locked = useRedis({ password: SECRET }, { password: SECRET });
const raw = useRaw(redis);

const withTimeout = (...command: string[]) => [...command, '--timeout', '5s'];

test.for([
  ['in the URL', (url: string) => [url], {}],
  ['in REDISCLI_AUTH', (url: string) => [url.replace(/:[^:@]*@/, '')], { REDISCLI_AUTH: SECRET }],
  ['in --pass', (url: string) => [url.replace(/:[^:@]*@/, ''), '--pass', SECRET], {}],
] as const)('a password %s is not printed', async ([, address, env]) => {
  for (const command of ['clients', 'doctor', 'reap']) {
    const { document, stderr } = await printJson(withTimeout(command, ...address(locked.server.url)), {
      env,
    });
    expect(document.targets).toHaveLength(1);
    expect(JSON.stringify(document) + stderr).not.toContain(SECRET);
  }
});

test('a wrong password, or one for an unreachable server, is not printed', async () => {
  const wrong = locked.server.url.replace(SECRET, 'wr0ng');
  const argv = ['clients', redis.server.url, wrong, 'redis://:wr0ng@127.0.0.1:1'];
  const { document, stderr } = await printJson(withTimeout(...argv));
  expect(document.failures.map(({ code }) => code).sort()).toEqual([
    'HYG_TARGET_AUTH',
    'HYG_TARGET_UNREACHABLE',
  ]);
  expect(JSON.stringify(document) + stderr).not.toContain('wr0ng');
});

test('a password in the name of a connection is not printed', async () => {
  await raw.open(1, { connectionName: `redis://:${SECRET}@10.0.0.7` });
  for (const command of [
    ['clients', '--by', 'name'],
    ['reap', '--where', 'name=redis*'],
  ]) {
    const { document } = await printJson([...command, redis.server.url]);
    expect(JSON.stringify(document)).toContain('redis://[redacted]@10.0.0.7');
    expect(JSON.stringify(document)).not.toContain(SECRET);
  }
});
