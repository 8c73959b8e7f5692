import type { QueuedCommand } from './internals.js';
import type { Ioredis } from './load-ioredis.js';

type Arguments = readonly unknown[];

/** Reads how long a command may block, in milliseconds. `undefined` if it does not block. */
type TimeoutReader = (args: Arguments) => number | undefined;

const seconds =
  (index: number): TimeoutReader =>
  (args) =>
    toMs(args.at(index), 1_000);

const milliseconds =
  (index: number): TimeoutReader =>
  (args) =>
    toMs(args.at(index), 1);

/** The commands that block, with the place and unit of their timeout. ioredis' own flags lack WAIT and WAITAOF. */
const timeoutReaders = new Map<string, TimeoutReader>(
  Object.entries({
    blpop: seconds(-1),
    brpop: seconds(-1),
    bzpopmin: seconds(-1),
    bzpopmax: seconds(-1),
    brpoplpush: seconds(-1),
    blmove: seconds(-1),
    blmovem: seconds(4),
    blmpop: seconds(0),
    bzmpop: seconds(0),
    xread: readBlockOption,
    xreadgroup: readBlockOption,
    wait: milliseconds(1),
    waitaof: milliseconds(2),
  }),
);

/** The option BLOCK of XREAD and XREADGROUP. Behind STREAMS any word is a key or an id. */
function readBlockOption(args: Arguments): number | undefined {
  for (let index = 0; index < args.length; index += 1) {
    const option = String(args[index]).toUpperCase();
    if (option === 'BLOCK') return toMs(args[index + 1], 1);
    if (option === 'STREAMS') return undefined;
    if (option === 'COUNT') index += 1;
    if (option === 'GROUP') index += 2;
  }
  return undefined;
}

/** The server refuses at once what is no number, so that counts as no limit. */
function toMs(timeout: unknown, msPerUnit: number): number {
  const ms = Number(String(timeout)) * msPerUnit;
  return ms > 0 ? ms : Infinity;
}

/**
 * How long a command may block its connection on the server until data comes, in milliseconds: no later command is answered
 * meanwhile. `Infinity` if it has no limit, `undefined` if it does not block.
 */
export function blockingTimeMs(
  { name, args }: Pick<QueuedCommand['command'], 'name' | 'args'>,
  { Command }: Pick<Ioredis, 'Command'>,
): number | undefined {
  const read = timeoutReaders.get(name.toLowerCase());
  if (read) return read(args);
  return Command.checkFlag('BLOCKING_COMMANDS', name) ? Infinity : undefined;
}
