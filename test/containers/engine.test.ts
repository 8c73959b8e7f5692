import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { basename, dirname } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { nodeProgram, type NodeProgram } from '../support/redis/node-program.js';
import type { OwnEngine } from './rig/engine/own.js';

type EngineHandle = Pick<OwnEngine, 'dockerHost' | 'host'>;

const rig = (file: string) => new URL(`rig/${file}`, import.meta.url).href;
/** Program that starts an engine with a paused container, which does not end by itself. */
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

function folderOf({ dockerHost }: EngineHandle): string {
  return dirname(dockerHost.slice('unix://'.length));
}

/** Whether this machine has the address before the engine's address, which is the other end of its veth pair. */
function hasVethPair({ host }: EngineHandle): boolean {
  const near = host.replace(/\d+$/, (last) => String(Number(last) - 1));
  return Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === near));
}

/** Process ids of programs with the engine's folder in their command line. */
function programsOf(engine: EngineHandle): string[] {
  const commandLine = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return ''; // the process has ended in the meantime
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => commandLine(pid).includes(folderOf(engine)));
}

function mountsOf(engine: EngineHandle): boolean {
  return readFileSync('/proc/mounts', 'utf8').includes(folderOf(engine));
}

/** Control groups of the engine and its containers. */
function groupsOf(engine: EngineHandle): string[] {
  const args = ['/sys/fs/cgroup', '-type', 'd', '-path', `*/${basename(folderOf(engine))}*`];
  return execFileSync('find', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
}

/** Resources of an engine that exist on this machine. */
function resourcesOf(engine: EngineHandle) {
  return {
    folder: existsSync(folderOf(engine)),
    vethPair: hasVethPair(engine),
    programs: programsOf(engine).length > 0,
    mounts: mountsOf(engine),
  };
}

const RUNNING = { folder: true, vethPair: true, programs: true, mounts: false };
const GONE = { folder: false, vethPair: false, programs: false, mounts: false };

async function running(starter: NodeProgram): Promise<EngineHandle> {
  const engine = (await starter.printed()) as EngineHandle;
  expect(resourcesOf(engine)).toEqual(RUNNING);
  expect(groupsOf(engine).length).toBeGreaterThan(1);
  return engine;
}

/** Waits until all resources are gone. The kernel removes a network with some delay. */
async function untilGone(engine: EngineHandle): Promise<void> {
  await eventually(() => expect(resourcesOf(engine)).toEqual(GONE), 15_000);
  expect(groupsOf(engine)).toEqual([]);
}

/** Skipped if the tests use the machine's own engine. */
describe.skipIf(!('host' in inject('engine')))('the tests’ own engine', () => {
  test('leaves nothing behind when it is stopped', async () => {
    await using starter = nodeProgram(program('setTimeout(() => own[Symbol.asyncDispose](), 1500)'));
    const engine = await running(starter);
    expect(await starter.exitCode).toBe(0);
    await untilGone(engine);
  });

  test('leaves nothing behind when the process that started it is killed', async () => {
    await using starter = nodeProgram(program('setInterval(() => undefined, 1000)'));
    const engine = await running(starter);
    await starter.kill();
    await untilGone(engine);
  });
});
