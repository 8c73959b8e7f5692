import { Argument, type Command } from 'commander';
import type { CommandHost } from '../command-io.js';
import { createConsole } from '../console.js';
import { completionScripts, describeProgram, type Shell } from '../shell-completion.js';

const shells = Object.keys(completionScripts);

/** `redis-hygiene completion`. */
export function addCompletion(program: Command, { io }: CommandHost): void {
  program
    .command('completion')
    .description('Print a script that completes command lines: source <(redis-hygiene completion bash)')
    .addArgument(new Argument('<shell>', 'the shell that runs the script').choices(shells))
    .action((shell: Shell) => {
      const script = completionScripts[shell](describeProgram(program));
      createConsole(io).print(script.trimEnd().split('\n'));
    });
}
