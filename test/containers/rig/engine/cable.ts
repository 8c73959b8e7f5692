import { randomInt } from 'node:crypto';
import { run } from '../../../support/redis/command.js';

const COMMAND_MS = 10_000;

/** A cable between this machine and a network namespace, with which the kernel takes it away. */
export interface Cable {
  readonly near: string;
  readonly far: string;
}

/** The addresses of a cable, out of 198.18.0.0/15, which is set aside for tests (RFC 2544): nobody routes it. */
export function planCable(): Cable {
  const [third, last] = [randomInt(256), randomInt(64) * 4];
  return { near: `198.18.${third}.${last + 1}`, far: `198.18.${third}.${last + 2}` };
}

/** Lays it to the namespace of a process, where its end is called `cable` and has no address yet. @throws Error */
export async function layCable({ near }: Cable, pid: number, env: NodeJS.ProcessEnv): Promise<void> {
  const name = `rh-${pid}`;
  const ip = (...args: string[]) => run('ip', args, { timeoutMs: COMMAND_MS, env });
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'cable', 'netns', String(pid));
  await ip('addr', 'add', `${near}/30`, 'dev', name);
  await ip('link', 'set', name, 'up');
}
