import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { HygieneError } from '../../core/errors.js';
import { parseFilter } from '../../doctor/group/row-filter.js';
import { type OrphanRecord, parseOrphanRecords } from '../../doctor/reap/orphan-records.js';
import type { Selection } from '../../doctor/reap/reap-port.js';
import { DEFAULT_HEARTBEAT_MS, MAX_HEARTBEAT_MS } from '../../doctor/reap/second-look.js';
import { findReapServers } from '../../doctor/reap/reap-servers.js';
import { formatSeconds } from '../../doctor/text/quantities.js';
import { addAttributionOptions, createStrictPeerAttribution } from '../attribution-options.js';
import type { CommandHost, CommandIo } from '../command-io.js';
import { createConsole } from '../console.js';
import { createFailures, createInterruption, type ReapOptions, reapAndReport } from '../reap-session.js';
import {
  addServerOptions,
  createTimeOption,
  parsePositiveInteger,
  parseSecondsMs,
} from '../server-options.js';

/** `redis-hygiene reap`. */
export function addReap(program: Command, host: CommandHost): void {
  const command = program
    .command('reap')
    .description('Close connections whose clients are proven to be gone, or those that a filter selects')
    .argument('[url...]', 'servers and sentinels, as for clients (default: REDIS_URL)')
    .optionsGroup('What is closed:')
    .option('--where <filter>', "close rows that match instead, such as 'idle>3600 name=' or 'owner=orders*'")
    .option('--stale', 'with --where: only matching rows whose clients are proven to be gone')
    .option(
      '--orphans <file>',
      'what services have given up: JSON lines of factory.orphans(); - is standard input',
    )
    .option(
      '--assume-dead-after <time>',
      'also close connections of redis-hygiene that were silent for longer, without a proof',
      parseSecondsMs,
    )
    .option(
      '--heartbeat <time>',
      'longest heartbeat interval of the services (default: 15s, with --assume-dead-after 60s)',
      parseSecondsMs,
    )
    .option('--max <n>', 'maximum number of connections to close in one run', parsePositiveInteger, 100)
    .option('--yes', 'close them; without it the commands are only printed')
    .addOption(
      createTimeOption('--settle <time>', 'look again after this time, for connections that return', '5s'),
    )
    .option('--json', 'print JSON (docs/json.md)');
  addAttributionOptions(addServerOptions(command)).action((urls: string[], options: ReapOptions) =>
    reap(urls, options, host),
  );
}

async function reap(urls: readonly string[], options: ReapOptions, host: CommandHost): Promise<void> {
  const { io } = host;
  const console = createConsole(io);
  const selection = await selectionOf(options, io);
  const { openServers } = await import('../open-servers.js');
  const interruption = createInterruption(io);
  using servers = await openServers(urls, options, interruption.io, console);
  const failures = createFailures(console, host.exit);
  servers.failures.forEach(failures.add);
  const attributePeers = createStrictPeerAttribution(options, servers.sources, io, console);
  const reapServers = await findReapServers(servers.sources);
  if (reapServers.length === 0) return;
  const session = { selection, options, io, console, interruption, attributePeers };
  await host.finish(() => reapAndReport(servers.sources, reapServers, session, failures));
}

async function selectionOf(options: ReapOptions, { stdin }: CommandIo): Promise<Selection> {
  const { where, stale, heartbeat = DEFAULT_HEARTBEAT_MS, assumeDeadAfter, orphans } = options;
  const filter = where === undefined ? undefined : parseFilter(where);
  const needsProof = filter === undefined || stale === true;
  if (!needsProof) refuseProofOptions(options);
  if (assumeDeadAfter !== undefined) checkAssumption(assumeDeadAfter, options.heartbeat);
  return {
    filter,
    needsProof,
    heartbeatSeconds: heartbeat / 1000,
    assumeDeadAfterSeconds: assumeDeadAfter === undefined ? undefined : assumeDeadAfter / 1000,
    records: orphans === undefined ? undefined : await readRecords(orphans, stdin),
  };
}

function refuseProofOptions({ assumeDeadAfter, orphans }: ReapOptions): void {
  const given = assumeDeadAfter === undefined ? '--orphans' : '--assume-dead-after';
  if (assumeDeadAfter === undefined && orphans === undefined) return;
  throw new HygieneError(
    'HYG_CLI_USAGE',
    `${given} needs --stale beside --where: with --where alone, everything that matches is closed.`,
  );
}

/** Heartbeats that a running client may miss: one is late, and the next one is lost. */
const MIN_ASSUMED_HEARTBEATS = 3;

function checkAssumption(assumeDeadAfter: number, heartbeat = MAX_HEARTBEAT_MS): void {
  const least = MIN_ASSUMED_HEARTBEATS * heartbeat;
  if (assumeDeadAfter >= least) return;
  throw new HygieneError(
    'HYG_CLI_USAGE',
    `--assume-dead-after ${formatSeconds(assumeDeadAfter / 1000)} is too short: expected at least ${formatSeconds(least / 1000)}, which is three times --heartbeat (${formatSeconds(heartbeat / 1000)}).`,
  );
}

async function readRecords(file: string, stdin: CommandIo['stdin']): Promise<readonly OrphanRecord[]> {
  const read = () => (file === '-' ? text(stdin) : readFile(file, 'utf8'));
  const content = await read().catch((cause: unknown) => {
    throw new HygieneError('HYG_CLI_FILE', `${file} cannot be read.`, { cause });
  });
  return parseOrphanRecords(content);
}
