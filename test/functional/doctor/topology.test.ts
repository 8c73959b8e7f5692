import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { useServers } from '../../support/use-cluster.js';
import { useSentinels } from '../../support/use-sentinels.js';

// Servers that are found through others.

const ports = (nodes: readonly { readonly port: number }[]) => nodes.map(({ port }) => port).sort();

/** The ports of all targets that a command shows, with how it ended. */
async function shown(argv: readonly string[], command = 'clients') {
  const { code, stdout, stderr } = await runCli([command, ...argv, '--timeout', '3s', '--json']);
  const { targets } = JSON.parse(stdout) as { targets: { target: string; kind: string }[] };
  const kinds = targets.map(({ kind }) => kind).sort();
  const seen = targets.map(({ target }) => Number(target.split(':')[1])).sort();
  return { code, stderr, kinds, seen };
}

describe('Sentinel', () => {
  const the = useSentinels();
  const address = (index = 0) => `127.0.0.1:${the().sentinels[index]?.port}`;
  const all = () => ports([...the().servers, ...the().sentinels]);

  test.for(['clients', 'doctor'])('%s finds all servers and sentinels of a master', async (command) => {
    const { code, stderr, kinds, seen } = await shown(
      ['--sentinel', address(), '--master', the().name],
      command,
    );
    expect(stderr).toBe('');
    expect(code).not.toBe(2);
    expect(seen).toEqual(all());
    expect(kinds).toEqual([...Array<string>(3).fill('sentinel'), ...Array<string>(3).fill('server')]);
  });

  test('finds them without the name of the master, and once by several sentinels', async () => {
    const argv = ['--sentinel', address(0), '--sentinel', address(1), '--sentinel', `redis://${address(2)}`];
    const { code, seen } = await shown(argv);
    expect({ code, seen }).toEqual({ code: 0, seen: all() });
  });

  test('that knows no such master says so', async () => {
    const { code, stdout, stderr } = await runCli(['clients', '--sentinel', address(), '--master', 'nobody']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error [^\n]*"nobody"[^\n]* \(HYG_MASTER_UNKNOWN\)\n$/);
  });

  test('asked directly shows its own clients alone', async () => {
    const { code, stderr, kinds, seen } = await shown([`redis://${address()}`]);
    expect({ code, stderr, kinds }).toEqual({ code: 0, stderr: '', kinds: ['sentinel'] });
    expect(seen).toEqual([the().sentinels[0]?.port]);
  });

  test('a server that is none is told as such', async () => {
    const { code, stdout, stderr } = await runCli([
      'clients',
      ...['--sentinel', `127.0.0.1:${the().servers[0]?.port}`],
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error [^\n]+ \(HYG_TARGET_REPLY\)\n$/);
  });

  test('one that is not there leaves what the others know of', async () => {
    const { code, stderr, seen } = await shown(['--sentinel', '127.0.0.1:1', '--sentinel', address()]);
    expect({ code, seen }).toEqual({ code: 2, seen: all() });
    expect(stderr).toMatch(/^error 127\.0\.0\.1:1 [^\n]+ \(HYG_TARGET_UNREACHABLE\)\n$/);
  });

  test('a paused replica leaves the rest', async () => {
    const [replica] = await the().replicas();
    replica?.pause();
    const { code, stderr, seen } = await shown(['--sentinel', address()]).finally(() => replica?.resume());
    expect(code).toBe(2);
    expect(seen).toEqual(all().filter((port) => port !== replica?.port));
    expect(stderr).toMatch(new RegExp(`^error 127\\.0\\.0\\.1:${replica?.port} [^\\n]+\\n$`));
  });
});

describe('Cluster', () => {
  const the = useServers();
  const url = (index = 0) => the.servers.nodes[index]?.url ?? expect.unreachable();

  test.for(['clients', 'doctor'])('%s asks all nodes, by any one', async (command) => {
    const { code, stderr, seen } = await shown([url(4)], command);
    expect(stderr).toBe('');
    expect(code).not.toBe(2);
    expect(seen).toEqual(ports(the.servers.nodes));
  });

  test('named node by node, each is asked once', async () => {
    const { code, seen } = await shown(the.servers.nodes.map((node) => node.url));
    expect({ code, seen }).toEqual({ code: 0, seen: ports(the.servers.nodes) });
  });

  test('with --no-cluster only the one that is named', async () => {
    const { code, seen } = await shown([url(1), '--no-cluster']);
    expect({ code, seen }).toEqual({ code: 0, seen: [the.servers.nodes[1]?.port] });
  });

  test('a stopped node leaves the rest', async () => {
    const [stopped, ...others] = [...the.servers.nodes].reverse();
    await stopped?.pause();
    const start = performance.now();
    const { code, stderr, seen } = await shown([url()]).finally(() => stopped?.resume());
    expect(performance.now() - start).toBeLessThan(6_000);
    expect(seen).toEqual(ports(others));
    // The others may know already that it is lost.
    expect([code, stderr === ''].join()).toMatch(/^(2,false|0,true)$/);
    if (stopped) expect(stderr === '' || stderr.includes(`127.0.0.1:${stopped.port} `)).toBe(true);
  });

  test('a killed node that the others hold for lost is not asked', async () => {
    const [killed, ...others] = [...the.servers.nodes].reverse();
    await the.servers.settled();
    await killed?.kill();
    await expect
      .poll(async () => String(await the.servers.nodes[0]?.admin.call('CLUSTER', 'NODES')), {
        timeout: 15_000,
      })
      .toMatch(/ slave,fail /);
    const { seen } = await shown([url()]);
    expect(seen).toEqual(ports(others));
  }, 30_000);
});
