import { describe, expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';
import { quietNow } from '../../support/quiet-clock.js';
import { useCluster } from '../../support/use-cluster.js';
import { useSentinels } from '../../support/use-sentinels.js';

// Servers that are discovered through a Sentinel or a Cluster node.

const ports = (nodes: readonly { readonly port: number }[]) => nodes.map(({ port }) => port).sort();

/** Runs a command, and returns the ports and kinds of its targets. */
async function targetsOf(argv: readonly string[], command = 'clients') {
  const { code, stdout, stderr } = await runCli([command, ...argv, '--timeout', '3s', '--json']);
  const { targets } = JSON.parse(stdout) as { targets: { target: string; kind: string }[] };
  const kinds = targets.map(({ kind }) => kind).sort();
  const found = targets.map(({ target }) => Number(target.split(':')[1])).sort();
  return { code, stderr, kinds, found };
}

describe('Sentinel', () => {
  const the = useSentinels();
  const address = (index = 0) => `127.0.0.1:${the().sentinels[index]?.port}`;
  const all = () => ports([...the().servers, ...the().sentinels]);

  test.for(['clients', 'doctor'])('%s finds all servers and sentinels of a master', async (command) => {
    const { code, stderr, kinds, found } = await targetsOf(
      ['--sentinel', address(), '--master', the().name],
      command,
    );
    expect(stderr).toBe('');
    expect(code).not.toBe(2);
    expect(found).toEqual(all());
    expect(kinds).toEqual([...Array<string>(3).fill('sentinel'), ...Array<string>(3).fill('server')]);
  });

  test('clients finds each server once without the name of the master, and with several sentinels', async () => {
    const argv = ['--sentinel', address(0), '--sentinel', address(1), '--sentinel', `redis://${address(2)}`];
    const { code, found } = await targetsOf(argv);
    expect({ code, found }).toEqual({ code: 0, found: all() });
  });

  test('an unknown master is reported', async () => {
    const { code, stdout, stderr } = await runCli(['clients', '--sentinel', address(), '--master', 'nobody']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error [^\n]*"nobody"[^\n]* \(HYG_MASTER_UNKNOWN\)\n$/);
  });

  test('a sentinel as a plain target shows only its own clients', async () => {
    const { code, stderr, kinds, found } = await targetsOf([`redis://${address()}`]);
    expect({ code, stderr, kinds }).toEqual({ code: 0, stderr: '', kinds: ['sentinel'] });
    expect(found).toEqual([the().sentinels[0]?.port]);
  });

  test('a server that is not a sentinel is reported', async () => {
    const { code, stdout, stderr } = await runCli([
      'clients',
      ...['--sentinel', `127.0.0.1:${the().servers[0]?.port}`],
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error [^\n]+ \(HYG_TARGET_REPLY\)\n$/);
  });

  test('an unreachable sentinel does not hide the servers that others know', async () => {
    const { code, stderr, found } = await targetsOf(['--sentinel', '127.0.0.1:1', '--sentinel', address()]);
    expect({ code, found }).toEqual({ code: 2, found: all() });
    expect(stderr).toMatch(/^error 127\.0\.0\.1:1 [^\n]+ \(HYG_TARGET_UNREACHABLE\)\n$/);
  });

  test('a paused replica does not hide the other servers', async () => {
    const [replica] = await the().replicas();
    replica?.pause();
    const { code, stderr, found } = await targetsOf(['--sentinel', address()]).finally(() =>
      replica?.resume(),
    );
    expect(code).toBe(2);
    expect(found).toEqual(all().filter((port) => port !== replica?.port));
    expect(stderr).toMatch(new RegExp(`^error 127\\.0\\.0\\.1:${replica?.port} [^\\n]+\\n$`));
  });
});

describe('Cluster', () => {
  const the = useCluster();
  const url = (index = 0) => the.servers.nodes[index]?.url ?? expect.unreachable();

  test.for(['clients', 'doctor'])('%s finds all nodes through any one', async (command) => {
    const { code, stderr, found } = await targetsOf([url(4)], command);
    expect(stderr).toBe('');
    expect(code).not.toBe(2);
    expect(found).toEqual(ports(the.servers.nodes));
  });

  test('each node is read once even if all are given', async () => {
    const { code, found } = await targetsOf(the.servers.nodes.map((node) => node.url));
    expect({ code, found }).toEqual({ code: 0, found: ports(the.servers.nodes) });
  });

  test('with --no-cluster only the given node is read', async () => {
    const { code, found } = await targetsOf([url(1), '--no-cluster']);
    expect({ code, found }).toEqual({ code: 0, found: [the.servers.nodes[1]?.port] });
  });

  test('a paused node does not hide the others', async () => {
    const [paused, ...others] = [...the.servers.nodes].reverse();
    await paused?.pause();
    const start = quietNow();
    const { code, stderr, found } = await targetsOf([url()]).finally(() => paused?.resume());
    expect(quietNow() - start).toBeLessThan(6_000);
    expect(found).toEqual(ports(others));
    // The other nodes may have marked it as failed already.
    expect([code, stderr === ''].join()).toMatch(/^(2,false|0,true)$/);
    if (paused) expect(stderr === '' || stderr.includes(`127.0.0.1:${paused.port} `)).toBe(true);
  });

  test('a node that the others have marked as failed is left out', async () => {
    const [killed, ...others] = [...the.servers.nodes].reverse();
    await the.servers.settled();
    await killed?.kill();
    await expect
      .poll(async () => String(await the.servers.nodes[0]?.admin.call('CLUSTER', 'NODES')), {
        timeout: 40_000,
      })
      .toMatch(/ slave,fail /);
    const { found } = await targetsOf([url()]);
    expect(found).toEqual(ports(others));
  });
});
