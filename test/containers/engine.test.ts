import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename, dirname } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { nodeProgram, type NodeProgram } from '../support/redis/node-program.js';
import type { OwnEngine } from './rig/engine/own.js';

type Known = Pick<OwnEngine, 'dockerHost' | 'host'>;

const rig = (file: string) => new URL(`rig/${file}`, import.meta.url).href;
/** An engine with a container in it, which is paused: the kernel does not let it die by itself. */
const program = (then: string) => `
  const { startOwnEngine } = await import('${rig('engine/own.ts')}');
  const own = await startOwnEngine();
  const { dockerHost, host } = own;
  Object.assign(process.env, { DOCKER_HOST: dockerHost, TESTCONTAINERS_RYUK_DISABLED: 'true' });
  const { getContainerRuntimeClient, Network } = await import('${import.meta.resolve('testcontainers')}');
  const { importImage } = await import('${rig('image.ts')}');
  const { startJob } = await import('${rig('start.ts')}');
  const command = ['node', '-e', 'console.log("up"); setInterval(() => undefined, 1000)'];
  const [image, network] = [(await importImage('idle:1')).name, await new Network().start()];
  const { container } = await startJob({ image, network, name: 'idle', command, files: 100, upWhen: 'up', withinMs: 30_000 });
  await (await getContainerRuntimeClient()).container.getById(container.getId()).pause();
  console.log(JSON.stringify({ dockerHost, host }));
  ${then}
`;

function folderOf({ dockerHost }: Known): string {
  return dirname(dockerHost.slice('unix://'.length));
}

/** The end of the engine's cable on this machine: the address before its own. */
function hasCable({ host }: Known): boolean {
  const near = host.replace(/\d+$/, (last) => String(Number(last) - 1));
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === near));
}

/** Programs that name its folder in their command line. */
function programsOf(engine: Known): string[] {
  const commandLine = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return ''; // it has ended in the meantime
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandLine(pid).includes(folderOf(engine)));
}

function mountsOf(engine: Known): boolean {
  return readFileSync('/proc/mounts', 'utf8').includes(folderOf(engine));
}

/** Control groups of it and its containers. */
function groupsOf(engine: Known): string[] {
  const args = ['/sys/fs/cgroup', '-type', 'd', '-path', `*/${basename(folderOf(engine))}*`];
  return execFileSync('find', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** What a machine shows of an engine. */
function shows(engine: Known) {
  return {
    folder: existsSync(folderOf(engine)),
    cable: hasCable(engine),
    programs: programsOf(engine).length > 0,
    mounts: mountsOf(engine),
  };
}

const RUNNING = { folder: true, cable: true, programs: true, mounts: false };
const GONE = { folder: false, cable: false, programs: false, mounts: false };

async function running(starter: NodeProgram): Promise<Known> {
  const engine = (await starter.printed()) as Known;
  expect(shows(engine)).toEqual(RUNNING);
  expect(groupsOf(engine).length).toBeGreaterThan(1);
  return engine;
}

/** The kernel takes a network apart in its own time. */
async function untilGone(engine: Known): Promise<void> {
  await eventually(() => expect(shows(engine)).toEqual(GONE), 15_000);
  expect(groupsOf(engine)).toEqual([]);
}

/** Where the tests use the machine's own engine, none of ours need work. */
describe.skipIf(!('host' in inject('engine')))('an engine of our own', () => {
  test('leaves nothing when it is stopped', async () => {
    await using starter = nodeProgram(program('setTimeout(() => own[Symbol.asyncDispose](), 1500)'));
    const engine = await running(starter);
    expect(await starter.exitCode).toBe(0);
    await untilGone(engine);
  });

  test('leaves nothing when the process is killed that started it', async () => {
    await using starter = nodeProgram(program('setInterval(() => undefined, 1000)'));
    const engine = await running(starter);
    await starter.kill();
    await untilGone(engine);
  });
});
