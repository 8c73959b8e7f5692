import { expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { eventually } from '../../support/eventually.js';
import { leaveHalfOpen } from '../../support/half-open.js';
import { printJson } from '../../support/printed-json.js';
import { useRaw } from '../../support/use-raw.js';
import { useRedis } from '../../support/use-redis.js';

const redis = useRedis({ prefer: 'process' });
const raw = useRaw(redis);

/** With this heartbeat the second look follows after 2 s. */
const OPTIONS = ['--heartbeat', '1s', '--settle', '0s'];

/** Names in our format with and without a heartbeat, and one of another program. */
const GONE = ['orders@gone', 'orders@gone#jobs', 'orders@gone#subscriber', 'other'];

test('what the kernel of the clients does not have is closed, whatever its name, and nothing else', async ({
  skip,
}) => {
  const problem = await leaveHalfOpen(redis.server, GONE);
  if (problem !== undefined) skip(problem);
  await raw.open(1, { connectionName: 'orders@alive#subscriber' });
  await raw.open(1, { connectionName: 'other' });
  const { code, stdout, stderr } = await runCli(['reap', redis.server.url, ...OPTIONS, '--yes']);
  // A socket whose process has ended may be listed for a moment.
  const why =
    '(its client’s kernel does not have the connection|no process of its client’s machine has the connection open any more)';
  for (const name of GONE)
    expect(stdout).toMatch(new RegExp(` ${name} {2}closed {2}${why}, silent for \\d+s$`, 'm'));
  expect(stdout).toMatch(/: 4 of \d+ clients closed\n$/);
  expect([code, stderr]).toEqual([0, 'The second look comes in 2s.\n']);
  await eventually(async () => expect(await redis.names()).toEqual(['orders@alive#subscriber', 'other']));
});

test('with --where and --stale, only what matches too', async ({ skip }) => {
  const problem = await leaveHalfOpen(redis.server, GONE);
  if (problem !== undefined) skip(problem);
  await raw.open(1, { connectionName: 'orders@alive#jobs' });
  const argv = [
    'reap',
    redis.server.url,
    ...OPTIONS,
    '--where',
    'service=orders role=jobs',
    '--stale',
    '--yes',
  ];
  const { code, document } = await printJson(argv);
  expect(document).toMatchObject({ planned: 1, closed: 1 });
  expect(document.targets).toMatchObject([
    { kills: [{ name: 'orders@gone#jobs', proof: 'peer-kernel', outcome: 'closed' }] },
  ]);
  expect(code).toBe(0);
  const others = ['orders@alive#jobs', ...GONE.filter((name) => name !== 'orders@gone#jobs')];
  await eventually(async () => expect(await redis.names()).toEqual(others.sort()));
});
