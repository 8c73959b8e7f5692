import { Redis } from 'ioredis';
import { execFileSync, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Attribution, Peer } from '../../src/doctor/attribution/attribution.js';
import { fetchContainers } from '../../src/doctor/attribution/docker/container-engine.js';
import { createDockerResolver } from '../../src/doctor/attribution/docker/docker-resolver.js';
import { runCli } from '../support/command-io.js';
import { containers } from './rig/containers.js';
import type { Service } from './rig/incident.js';
import { useIncident } from './rig/use-incident.js';

/** The counts of the incident; see docs/incidents.md. */
const SERVICES: readonly Service[] = [
  { service: 'cart', connections: 43, kind: 'healthy' },
  { service: 'billing', connections: 5432, kind: 'leaks' },
  { service: 'orders', connections: 40, kind: 'healthy' },
  { service: 'invoices', connections: 4244, kind: 'leaks' },
  { service: 'search', connections: 32, kind: 'healthy' },
];
const MAXCLIENTS = 10_000;

/** The command line used during the incident. */
const PIPELINE = `awk '{print $2}' | awk -F "[=:]" '{print $2}' | sort | uniq -c | sort -k1,1nr | head -5`;

/** Time until the youngest connections are idle too. Of the rows kept from the incident, the youngest is 72 s old. */
const SETTLE_MS = 10_000;

const CLI = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));
const CLI_MS = 60_000;

const peerAt = (ip: string): Peer => ({
  name: '',
  ip,
  port: undefined,
  laddr: '',
  libName: '',
  kind: 'client',
});

containers('incident 1: "ERR max number of clients reached"', () => {
  const incident = useIncident(SERVICES, MAXCLIENTS);
  let list = '';
  beforeAll(async () => {
    await sleep(SETTLE_MS);
    const admin = new Redis(incident.url);
    list = (await admin.client('LIST')) as string;
    admin.disconnect();
  });

  const serviceNamed = (name: string) =>
    incident.services.find(({ service }) => service === name) ?? expect.unreachable(`There is no ${name}.`);
  const rowsOf = (ip: string) => list.split('\n').filter((row) => row.includes(` addr=${ip}:`));
  const field = (row: string, name: string) => new RegExp(` ${name}=(\\S*)`).exec(row)?.[1];

  test('the pipeline of the incident counts what it counted then', () => {
    const counts = execFileSync('/bin/sh', ['-c', PIPELINE], { input: list, encoding: 'utf8' });
    const expected = ['billing', 'invoices', 'cart', 'orders', 'search'].map(serviceNamed);
    expect(counts.trim().split(/\s*\n\s*/)).toEqual(
      expected.map(({ connections, ip }) => `${connections} ${ip}`),
    );
  });

  test.each(['billing', 'invoices'])('each connection of %s is unnamed and has sent one PING', (service) => {
    const rows = rowsOf(serviceNamed(service).ip);
    const facts = new Set(rows.map((row) => `name=${field(row, 'name')} cmd=${field(row, 'cmd')}`));
    expect([...facts]).toEqual(['name= cmd=ping']);
    const usedSeconds = rows
      .map((row) => Number(field(row, 'age')) - Number(field(row, 'idle')))
      .sort((a, b) => a - b);
    // Up to the duration of a handshake on a busy machine. For a connection in use, the difference keeps growing.
    expect(usedSeconds[Math.floor(usedSeconds.length / 2)]).toBeLessThanOrEqual(1);
    expect(usedSeconds.at(-1)).toBeLessThanOrEqual(15);
  });

  test.each(['cart', 'orders', 'search'])('each connection of %s is named and in use', (service) => {
    const rows = rowsOf(serviceNamed(service).ip);
    const names = new Set(rows.map((row) => field(row, 'name')?.split('@')[0]));
    expect([...names]).toEqual([service]);
    expect(new Set(rows.map((row) => field(row, 'cmd')))).toEqual(new Set(['incr']));
    expect(Math.max(...rows.map((row) => Number(field(row, 'idle'))))).toBeLessThanOrEqual(5);
  });

  test('each address is attributed to its container, and the gateway is ambiguous', async () => {
    const resolver = createDockerResolver(await fetchContainers(), [incident.redis.ip]);
    const attributions = new Map<string, Attribution | undefined>();
    for (const row of list.trim().split('\n')) {
      const ip = /(\S+):\d+$/.exec(field(row, 'addr') ?? '')?.[1] ?? '';
      if (!attributions.has(ip)) attributions.set(ip, await resolver.attribute(peerAt(ip)));
    }
    const found = [...attributions.values()].map(
      (attribution) => `${attribution?.confidence}: ${attribution?.owner}`,
    );
    const gateway = incident.redis.ip.replace(/\d+$/, '1'); // this test's own connection, through the published port
    const expected = incident.services.map(({ name }) => `certain: ${name}`);
    expect(found.sort()).toEqual([`ambiguous: ${gateway}`, ...expected].sort());
  });

  describe('redis-hygiene doctor --docker', () => {
    const run = (environment: Readonly<Record<string, string>>, ...options: readonly string[]) =>
      spawnSync(process.execPath, [CLI, 'doctor', incident.url, '--docker', ...options], {
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', ...environment },
        timeout: CLI_MS,
      });
    const doctor = (...options: readonly string[]) => {
      const { status, stdout, stderr } = run({}, ...options);
      expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
      return stdout;
    };

    test('tells two stories, each with its container, its causes, its rows once and its remedy once', () => {
      const stories = doctor().split('\n\n');
      for (const [at, service] of ['billing', 'invoices'].entries()) {
        const { name, connections, ip } = serviceNamed(service);
        const [heading, ...lines] = stories[at]?.split('\n') ?? [];
        expect(heading).toMatch(
          new RegExp(`^error   container ${name}: ${connections} connections, the oldest \\S+ old$`),
        );
        const starts = lines.map(
          (line) => /^ {2}([a-z-]+: |id=\d+ addr=[\d.]+|To do: |More: )/.exec(line)?.[1],
        );
        expect(starts.map((start) => start?.replace(/^id=\d+/, 'id'))).toEqual([
          ...[
            'connection-flood: ',
            'abandoned-clients: ',
            `id addr=${ip}`,
            `id addr=${ip}`,
            'To do: ',
            'More: ',
          ],
        ]);
      }
    });

    test('fits one screen of 80 columns and 24 lines', async () => {
      const { stdout, code } = await runCli(['doctor', incident.url, '--docker'], {
        ...{ tty: true, columns: 80 },
        env: { DOCKER_HOST: process.env['DOCKER_HOST'], NO_COLOR: '1' },
      });
      const lines = stdout.trimEnd().split('\n');
      expect(code).toBe(1);
      expect(stdout).toContain('maxclients-near'); // after the two stories
      expect(lines.length, stdout).toBeLessThanOrEqual(23); // and the prompt
      for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    });

    test('examines all the same without an engine, and says so', () => {
      const { status, stdout, stderr } = run({ DOCKER_HOST: 'unix:///missing/docker.sock' });
      expect(status).toBe(1);
      expect(stderr).toMatch(/^warning No container engine answers: [^\n]+\n$/);
      for (const service of ['billing', 'invoices']) {
        const { ip, connections } = serviceNamed(service);
        expect(stdout).toContain(`error   ${ip}: ${connections} connections`);
      }
    });

    test('reports the right cause, and no other service', () => {
      const { findings } = JSON.parse(doctor('--json')) as { findings: { code: string; owner?: string }[] };
      const reported = findings.flatMap(({ code, owner }) =>
        owner === undefined ? [] : [`${owner}: ${code}`],
      );
      const causes = ['connection-flood', 'abandoned-clients'];
      const leaking = ['billing', 'invoices'].map((service) => serviceNamed(service).name);
      expect(reported.sort()).toEqual(
        leaking.flatMap((name) => causes.map((code) => `${name}: ${code}`)).sort(),
      );
    });
  });
});
