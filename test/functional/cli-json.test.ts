import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/command-io.js';
import { printJson } from '../support/printed-json.js';
import { useRaw } from '../support/use-raw.js';
import { useRedis } from '../support/use-redis.js';

// Documents of --json. printJson() also validates them with the published schemas.

const redis = useRedis();
const raw = useRaw(redis);
const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-'));

afterEach(() => redis.admin.config('SET', 'tcp-keepalive', '300'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** Rows like those of incident 1. */
function flood(ip: string, count: number, firstId: number): string[] {
  return Array.from(
    { length: count },
    (_, at) =>
      `id=${firstId + at} addr=${ip}:${20_000 + at} fd=${at} name= age=72 idle=72 flags=N db=9 sub=0 psub=0 multi=-1 qbuf=0 qbuf-free=0 obl=0 oll=0 omem=0 events=r cmd=ping`,
  );
}

describe('clients', () => {
  test('of a server contains attributions, shares and memory', async () => {
    await raw.open(3, { connectionName: 'orders@web-1' });
    const { code, document, stderr } = await printJson(['clients', redis.server.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(document.targets).toMatchObject([{ kind: 'server', maxclients: 10_000, skippedLines: 0 }]);
    expect(document['groups']).toContainEqual(
      expect.objectContaining({
        key: 'orders@web-1',
        clients: 3,
        shareOfMaxclients: 0.0003,
        memoryBytes: expect.any(Number) as number,
        attribution: expect.objectContaining({
          source: 'name',
          confidence: 'certain',
          service: 'orders',
        }) as object,
      }),
    );
  });

  test('of a sample contains the filter and the growth', async () => {
    await raw.open(1, { connectionName: 'orders@web-1' });
    const { document } = await printJson([
      'clients',
      redis.server.url,
      ...['--sample', '1s', '--where', 'name=orders@*'],
    ]);
    expect(document).toMatchObject({ sampleSeconds: 1, where: 'name=orders@*', clients: 1 });
    expect(document['groups']).toMatchObject([{ growth: 0 }]);
  });

  test('of several targets contains those that were read, and the failures of the others', async () => {
    const list = file('list', flood('172.18.0.50', 2, 1).join('\n'));
    const { code, document } = await printJson(['clients', redis.server.url, '127.0.0.1:1', '--file', list]);
    expect(code).toBe(2);
    expect(document.failures).toMatchObject([{ code: 'HYG_TARGET_UNREACHABLE' }]);
    expect(document.targets.map(({ kind }) => kind).sort()).toEqual(['list', 'server']);
  });

  test('with --hosts contains names from the file', async () => {
    const hosts = file('hosts', '172.18.0.50 search-1\n');
    const list = file('list', flood('172.18.0.50', 2, 1).join('\n'));
    const { document } = await printJson(['clients', '--file', list, '--hosts', hosts]);
    expect(document['groups']).toMatchObject([
      { key: 'search-1', attribution: { source: 'hosts', confidence: 'likely' } },
    ]);
  });
});

describe('doctor', () => {
  test('of a sample and a sentinel.conf contains both targets', async () => {
    await redis.admin.config('SET', 'tcp-keepalive', '0');
    const conf = file('sentinel.conf', 'port 26379\ntcp-keepalive 0\n');
    const argv = ['doctor', redis.server.url, '--sample', '1s', '--sentinel-conf', conf];
    const { code, document } = await printJson(argv);
    expect(code).toBe(1);
    expect(document['sampleSeconds']).toBeGreaterThanOrEqual(1);
    expect(document.targets.map(({ kind }) => kind).sort()).toEqual(['sentinel-conf', 'server']);
    expect(document['findings']).toHaveLength(2);
    expect(document['findings']).toMatchObject([
      { code: 'keepalive-off', severity: 'warning', page: 'docs/findings/keepalive-off.md' },
      { code: 'keepalive-off' },
    ]);
  });

  test('of a list contains attributions and examples', async () => {
    const rows = [...flood('172.18.0.50', 543, 1), ...flood('172.18.0.104', 3, 1000)];
    const list = file('list', rows.join('\n'));
    const { document } = await printJson([
      'doctor',
      '--file',
      list,
      '--hosts',
      file('hosts', '172.18.0.50 search-1\n'),
    ]);
    const [finding] = document['findings'] as { examples: unknown[]; evidence: object }[];
    expect(finding).toMatchObject({ owner: 'search-1', attribution: { owner: 'search-1', source: 'hosts' } });
    expect(finding?.evidence).not.toHaveProperty('ownerSource');
    expect(finding?.examples[0]).toEqual({
      ...{ id: 1, addr: '172.18.0.50:20000', ip: '172.18.0.50', name: '', ageSeconds: 72, idleSeconds: 72 },
      ...{ flags: 'N', db: 9, cmd: 'ping', sub: 0, psub: 0, ssub: 0, outputBufferBytes: 0, target: list },
    });
  });

  test('prints no document if no server could be asked', async () => {
    const { code, stdout, stderr } = await runCli(['doctor', '127.0.0.1:1']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('HYG_TARGET_UNREACHABLE');
  });
});

describe('reap', () => {
  test('of a dry run contains the plan and the protected connections', async () => {
    await raw.open(2, { connectionName: 'leaky' });
    await sleep(1100);
    const { document } = await printJson(['reap', redis.server.url, '127.0.0.1:1', '--where', 'addr=*']);
    expect(document).toMatchObject({ mode: 'dry-run', closed: 0 });
    expect(document.failures).toHaveLength(1);
    expect(document.targets).toMatchObject([{ kind: 'server', protected: { self: 1 } }]);
  });

  test('of a run contains the results', async () => {
    await raw.open(2, { connectionName: 'leaky' });
    const argv = ['reap', redis.server.url, '--where', 'name=leaky', '--yes', '--settle', '100ms'];
    const { document } = await printJson(argv);
    expect(document).toMatchObject({ mode: 'run', planned: 2, closed: 2, failed: 0, unproven: 0 });
    expect(document.targets).toMatchObject([
      {
        kills: [{ name: 'leaky', proof: 'filter', outcome: 'closed' }, { name: 'leaky' }],
        unproven: [],
        settled: { afterSeconds: 0.1, returned: [] },
      },
    ]);
  });

  test('of a run without a last look has no field for it', async () => {
    await raw.open(1, { connectionName: 'leaky' });
    const argv = ['reap', redis.server.url, '--where', 'name=leaky', '--yes', '--settle', '0s'];
    const { document } = await printJson(argv);
    expect(document).toMatchObject({ closed: 1 });
    expect(document.targets[0]).not.toHaveProperty('settled');
  });
});

describe('budget', () => {
  const fleet = (maxclients: number) =>
    file(
      `fleet-${maxclients}.yaml`,
      `targets:
  main: { maxclients: ${maxclients}, reserve: 10 }
services:
  orders: { replicas: 12, connections: 100 }
  mails: { replicas: 4, pools: [10, 5] }
`,
    );

  test('of a file contains what does not fit, and remedies', async () => {
    const { code, document } = await printJson(['budget', fleet(1300)]);
    expect(code).toBe(1);
    expect(document).toMatchObject({ ok: false, rollouts: 'together', live: [] });
    expect(document['targets']).toMatchObject([{ target: 'main', services: [{ remedy: {} }, {}] }]);
    const roomy = await printJson(['budget', fleet(9000), '--rollouts', 'alone']);
    expect(roomy.document).toMatchObject({ ok: true, rollouts: 'alone' });
  });

  test('with --live contains declared and undeclared services', async () => {
    await raw.open(2, { connectionName: 'orders@web-1' });
    await raw.open(1, { connectionName: 'bills@web-1' });
    await raw.open(1, {});
    const live = ['--live', `main=${redis.server.url}`, '--live', 'main=redis://:wr0ng@127.0.0.1:1'];
    const { code, document } = await printJson(['budget', fleet(9000), ...live, '--no-processes']);
    expect(code).toBe(2);
    expect(document.failures).toMatchObject([{ code: 'HYG_TARGET_UNREACHABLE' }]);
    expect(JSON.stringify(document)).not.toContain('wr0ng');
    expect(document['live']).toMatchObject([
      {
        services: [
          { service: 'orders', observed: 2, largestReplica: { host: 'web-1' } },
          { service: 'mails' },
        ],
        undeclared: [{ service: 'bills', connections: 1 }],
        commands: 1,
      },
    ]);
  });
});
