import { environmentWith } from '../../support/packages.js';
import { run } from '../../support/redis/command.js';

/** The programs that make a network, with the package that brings each. */
const PROGRAMS = [
  { program: 'ip', packageName: 'iproute2' },
  { program: 'nft', packageName: 'nftables' },
] as const;

const COMMAND_MS = 20_000;

/** Runs the machine's network tools. */
export interface Tools {
  /** With this environment the tools are found, and their libraries. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs a program in a network namespace, or in the machine's own. @throws Error with its last lines */
  run(namespace: string | undefined, program: string, ...args: string[]): Promise<string>;
}

/** The network tools of this machine; those it lacks are unpacked from its packages. @throws Error */
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

/** `ip netns exec` becomes the program, so that its pid is the program's. */
export function inNamespace(namespace: string, program: string, args: readonly string[]): string[] {
  return ['ip', 'netns', 'exec', namespace, program, ...args];
}
