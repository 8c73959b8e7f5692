import process from 'node:process';
import { parseArgs } from 'node:util';
import { readNumber, UsageError, type Command, type Output } from './command.js';
import { doctor } from './doctor.js';
import { failover } from './failover.js';
import { heap } from './heap.js';
import { importCost } from './import.js';
import { lintFiles } from './lint.js';
import { control, observed, overhead } from './overhead.js';
import { pool } from './pool.js';
import { preload } from './preload.js';

const commands: Readonly<Record<string, Command>> = {
  overhead,
  observed,
  control,
  heap,
  failover,
  pool,
  doctor,
  preload,
  import: importCost,
  lint: lintFiles,
};

/** 0: every requirement is met. 1: a requirement is not met, or the measurement failed. 2: the command line is invalid. */
type ExitCode = 0 | 1 | 2;

function optionLines([name, { options, summary }]: readonly [string, Command]): string {
  const lines = Object.entries(options).map(
    ([option, row]) => `      ${`--${option} N`.padEnd(18)} ${row.meaning} (${row.default})`,
  );
  return [`  ${name.padEnd(20)} ${summary}`, ...lines].join('\n');
}

function help(): string {
  return [
    'npm run bench -- <name> [options]',
    '',
    ...Object.entries(commands).map(optionLines),
    '',
    '  --json               print the result as JSON',
    '  --help               print this help',
    '',
    'To measure on ioredis 5: NODE_OPTIONS="--require ./test/support/ioredis5.cjs" npm run bench -- <name>',
    'To use your own server: REDIS_HYGIENE_REDIS_URL=redis://…',
  ].join('\n');
}

function findCommand(name: string | undefined): Command {
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  const known = Object.keys(commands).join(', ');
  throw new UsageError(
    `${name ? `Unknown benchmark "${name}"` : 'Missing name of a benchmark'}, expected one of: ${known}.`,
  );
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

async function runCommand([name, ...rest]: readonly string[], output: Output): Promise<ExitCode> {
  const command = findCommand(name);
  const numbers = Object.entries(command.options);
  const { values } = parseArgs({
    args: rest,
    options: {
      json: { type: 'boolean', default: false },
      ...Object.fromEntries(numbers.map(([option]) => [option, { type: 'string' as const }])),
    },
  });
  const given: Readonly<Record<string, string | boolean | undefined>> = values;
  const settings = numbers.map(([option, row]) => {
    const text = given[option];
    return [option, readNumber(option, typeof text === 'string' ? text : undefined, row)] as const;
  });
  const { data, text, passed } = await command.run(Object.fromEntries(settings), output);
  output.result(values.json ? JSON.stringify(data, undefined, 2) : text);
  return passed ? 0 : 1;
}

async function main(argv: readonly string[], output: Output): Promise<ExitCode> {
  if (argv.includes('--help') || argv.includes('-h')) {
    output.result(help());
    return 0;
  }
  try {
    return await runCommand(argv, output);
  } catch (error) {
    if (!isUsageError(error)) throw error;
    output.note(`${error.message}\nnpm run bench -- --help lists the benchmarks and their options.`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2), {
  result: (text) => console.log(text),
  note: (text) => console.error(text),
});
