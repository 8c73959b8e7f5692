import { environmentWith } from '../../support/packages.js';
import { run } from '../../support/redis/command.js';

/** Programs that set up the rig, each with its package. */
const PROGRAMS = [
  { program: 'ip', packageName: 'iproute2' },
  { program: 'nft', packageName: 'nftables' },
  { program: 'unshare', packageName: 'util-linux' },
] as const;

/** `redis-hygiene reap` takes 20 s between its two looks. */
const COMMAND_MS = 120_000;

/** The network tools of the machine. */
export interface Tools {
  /** Environment in which the tools and their libraries are found. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a program in a network namespace, or outside of any. @throws Error with its last lines */
  run(namespace: string | undefined, program: string, ...args: string[]): Promise<string>;
}

/** Finds the network tools. Missing ones are unpacked from packages. @throws Error */
export async function findTools(): Promise<Tools> {
  const env = await environmentWith(PROGRAMS);
  return {
    env,
    async run(namespace, program, ...args) {
      const command = namespace === undefined ? [program, ...args] : inNamespace(namespace, program, args);
      const [file = program, ...rest] = command;
      return (await run(file, rest, { timeoutMs: COMMAND_MS, env })).stdout;
    },
  };
}

/** Command that runs a program in a namespace. `ip netns exec` replaces itself by the program and keeps its pid. */
export function inNamespace(namespace: string, program: string, args: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', namespace, program, ...args];
}
