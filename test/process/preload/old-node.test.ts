import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { createApplication, startPreloaded } from '../../support/preloaded.js';
import { useRedis } from '../../support/use-redis.js';

// `npm run test:nodes` runs this file on Node 18 too.

const redis = useRedis();
const node = process.env['REDIS_HYGIENE_TEST_NODE'] ?? process.execPath;
const isOld = execFileSync(node, ['--version'], { encoding: 'utf8' }).startsWith('v18.');

test.for(['--import redis-hygiene/register', '--require redis-hygiene/register'])(
  'an unsupported version of Node causes a warning, and the program runs: %s',
  async (option) => {
    using application = createApplication();
    const program = startPreloaded(application, 'open.mjs', {
      REDIS_URL: redis.server.url,
      NODE_OPTIONS: option,
    });
    const { replies, names } = await program.message<{ replies: string[]; names: string[] }>();
    expect(replies).toEqual(['PONG']);
    expect(names.includes('consumer@web-1')).toBe(!isOld);
    program.child.send('end');
    const { code, stderr } = await program.exit;
    expect(code).toBe(0);
    expect(stderr.match(/HYG_\w+/g) ?? []).toEqual(isOld ? ['HYG_PRELOAD_NODE'] : []);
  },
);
