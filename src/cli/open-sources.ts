import type { Command } from 'commander';
import { fstatSync, statSync } from 'node:fs';
import { HygieneError } from '../core/errors.js';
import { createFileSource, createStreamSource } from '../doctor/sources/file-source.js';
import type { RowSource } from '../doctor/sources/source.js';
import type { CommandIo } from './command-io.js';
import type { Console } from './console.js';
import { parseTimeLimitMs, createListOption, type ServerOptions } from './server-options.js';

/** Options that name sources of rows besides servers. */
export interface SourceOptions {
  readonly file: readonly string[];
  readonly sample?: number;
}

export function addSourceOptions(command: Command): Command {
  return command
    .addOption(createListOption('--file <path>', 'read a saved CLIENT LIST; - is standard input'))
    .option('--sample <time>', 'read twice, this far apart, to see growth', parseTimeLimitMs);
}

/** All sources of a command. */
export interface OpenSources extends Disposable {
  readonly sources: readonly RowSource[];
  /** Errors of the servers that could not be reached. They have been printed. */
  readonly failures: readonly HygieneError[];
}

/**
 * Opens the files (`-` is standard input, also among the URLs) and servers that a command line names. Where it names
 * neither, opens the server of `REDIS_URL` or 127.0.0.1.
 */
export async function openSources(
  urls: readonly string[],
  options: ServerOptions & SourceOptions,
  { io, console, hasOthers }: { io: CommandIo; console: Console; hasOthers: boolean },
): Promise<OpenSources> {
  const named = urls.filter((url) => url !== '-');
  // Standard input can be read once, and a file that is named twice is one file.
  const paths = new Set([...options.file, ...urls.filter((url) => url === '-')]);
  const fileSources = openFiles({ ...options, file: [...paths] }, io);
  if (!namesServers(named, options) && (fileSources.length > 0 || hasOthers)) {
    return { sources: fileSources, failures: [], [Symbol.dispose]: () => undefined };
  }
  if (!namesServers(named, options) && isPipeOrFile(io.stdin)) console.note(PIPE_NOTE);
  // Reading a file does not need the modules that connect to servers, which are a third of the start time.
  const { openServers } = await import('./open-servers.js');
  const servers = await openServers(named, options, io, console);
  servers.failures.forEach(console.error);
  if (servers.failures.length > 0)
    named
      .filter(isFile)
      .forEach((path) => console.note(`${path} is a file. To read it, write --file ${path}.`));
  return {
    sources: [...fileSources, ...servers.sources],
    failures: servers.failures,
    [Symbol.dispose]: () => servers[Symbol.dispose](),
  };
}

function openFiles({ file, sample }: SourceOptions, io: CommandIo): readonly RowSource[] {
  if (sample !== undefined && file.length > 0) {
    throw new HygieneError(
      'HYG_CLI_USAGE',
      '--sample reads a server twice, but a file does not change in between. Leave out --sample or --file.',
    );
  }
  return file.map((path) =>
    path === '-' ? createStreamSource(io.stdin, io.signal) : createFileSource(path, io.signal),
  );
}

function namesServers(
  urls: readonly string[],
  { uri, host, port, socket, sentinel }: ServerOptions,
): boolean {
  return urls.length + sentinel.length > 0 || [uri, host, port, socket].some((given) => given !== undefined);
}

const PIPE_NOTE =
  'Standard input is not read, and the server of REDIS_URL or 127.0.0.1:6379 is asked. To read a list from standard input, add -.';

/** Whether somebody may expect that standard input is read: it is a pipe or a file, not a terminal, /dev/null or a socket. */
function isPipeOrFile({ fd }: CommandIo['stdin']): boolean {
  if (fd === undefined) return false;
  try {
    const stat = fstatSync(fd);
    return stat.isFIFO() || stat.isFile();
  } catch {
    return false; // standard input is closed
  }
}

/** Whether a text in the place of a server is the path of a file. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
