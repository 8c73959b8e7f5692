import type { Command } from 'commander';
import { statSync } from 'node:fs';
import { HygieneError } from '../core/errors.js';
import { fileSource, streamSource } from '../doctor/sources/file-source.js';
import type { Source } from '../doctor/sources/source.js';
import type { CommandIo } from './command-io.js';
import type { Console } from './console.js';
import { limitMs, listOption, type ServerOptions } from './server-options.js';

/** The options that say where rows come from, besides servers. */
export interface SourceOptions {
  readonly file: readonly string[];
  readonly sample?: number;
}

/** Whether somebody may have meant a file, though it stands where a server is expected. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** All sources of a command. */
export interface OpenSources extends Disposable {
  readonly sources: readonly Source[];
  /** Why servers that were named could not be asked. It has been said. */
  readonly failures: readonly HygieneError[];
}

export function addSourceOptions(command: Command): Command {
  return command
    .addOption(listOption('--file <path>', 'read a saved CLIENT LIST; - is standard input'))
    .option('--sample <time>', 'look twice, this far apart', limitMs);
}

function files({ file, sample }: SourceOptions, io: CommandIo): readonly Source[] {
  if (sample !== undefined && file.length > 0) {
    throw new HygieneError('HYG_CLI_USAGE', '--sample looks twice, and a file does not change in between.');
  }
  return file.map((path) => (path === '-' ? streamSource(io.stdin, io.signal) : fileSource(path, io.signal)));
}

function namesServers(
  urls: readonly string[],
  { uri, host, port, socket, sentinel }: ServerOptions,
): boolean {
  return urls.length + sentinel.length > 0 || [uri, host, port, socket].some((given) => given !== undefined);
}

/**
 * Opens what a command line names: files (`-` is standard input, also among the URLs), and servers. Where neither is named, and nothing else was, the server of
 * `REDIS_URL` or 127.0.0.1 is meant.
 */
export async function openSources(
  urls: readonly string[],
  options: ServerOptions & SourceOptions,
  { io, console, hasOthers }: { io: CommandIo; console: Console; hasOthers: boolean },
): Promise<OpenSources> {
  const named = urls.filter((url) => url !== '-');
  // Standard input can be read once, and a file that is named twice is one file.
  const paths = new Set([...options.file, ...urls.filter((url) => url === '-')]);
  const listed = files({ ...options, file: [...paths] }, io);
  if (!namesServers(named, options) && (listed.length > 0 || hasOthers)) {
    return { sources: listed, failures: [], [Symbol.dispose]: () => undefined };
  }
  // A file is read without what it takes to speak to servers: that is a third of the start.
  const { openServers } = await import('./open-servers.js');
  const servers = await openServers(named, options, io, console);
  servers.failures.forEach(console.error);
  if (servers.failures.length > 0)
    named.filter(isFile).forEach((path) => console.note(`${path} is a file here: --file ${path} reads it.`));
  return {
    sources: [...listed, ...servers.sources],
    failures: servers.failures,
    [Symbol.dispose]: () => servers[Symbol.dispose](),
  };
}
