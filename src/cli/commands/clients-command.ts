import { type Command, Option } from 'commander';
import { type GroupKey, groupKeys } from '../../doctor/group/group-keys.js';
import { createRowGrouping, type GroupedClients, groupClients } from '../../doctor/group/grouped-clients.js';
import { rankGroups } from '../../doctor/group/ranking.js';
import { parseFilter } from '../../doctor/group/row-filter.js';
import { clientsCsv, clientsJson, renderClients } from '../../doctor/render/clients-report.js';
import { renderJson, type RunFacts } from '../../doctor/render/json-document.js';
import type { RowSource } from '../../doctor/sources/source.js';
import { formatCount } from '../../doctor/text/quantities.js';
import {
  addAttributionOptions,
  type AttributionOptions,
  createPeerAttribution,
} from '../attribution-options.js';
import type { CommandHost, CommandIo } from '../command-io.js';
import { type Console, createConsole, pause } from '../console.js';
import { addSourceOptions, openSources, type SourceOptions } from '../open-sources.js';
import { addServerOptions, parsePositiveInteger, type ServerOptions } from '../server-options.js';

interface ClientsOptions extends ServerOptions, SourceOptions, AttributionOptions {
  readonly by: GroupKey;
  readonly top: number;
  readonly where?: string;
  readonly json?: true;
  readonly csv?: true;
}

/** `redis-hygiene clients`. */
export function addClients(program: Command, host: CommandHost): void {
  const command = program
    .command('clients')
    .description('Count the connections of servers by owner, service, address or other keys')
    .argument(
      '[url...]',
      'redis://[user[:password]@]host[:port], host:port, or a socket (default: REDIS_URL)',
    )
    .optionsGroup('What is shown:')
    .addOption(new Option('--by <key>', 'group by').choices(groupKeys).default('owner'))
    .option('--top <n>', 'number of groups to print, largest first', parsePositiveInteger, 20)
    .option('--where <filter>', "only rows that match, such as 'idle>3600 name='")
    .addOption(new Option('--json', 'print JSON (docs/json.md)').conflicts('csv'))
    .option('--csv', 'print comma-separated values');
  addAttributionOptions(addServerOptions(addSourceOptions(command))).action(
    (urls: string[], options: ClientsOptions) => clients(urls, options, host),
  );
}

async function clients(
  urls: readonly string[],
  options: ClientsOptions,
  { io, exit }: CommandHost,
): Promise<void> {
  const console = createConsole(io);
  using opened = await openSources(urls, options, { io, console, hasOthers: false });
  const { failures } = opened;
  if (failures.length > 0) exit(2);
  if (opened.sources.length === 0) return;
  const samples = await takeSamples(opened.sources, options, io, console);
  warnOfSkippedLines(samples.latest, console);
  print(samples, options, console, { at: io.clock.now(), failures, warnings: console.warnings() });
}

/** Grouped clients of one sample, and of an earlier one where two were taken. */
interface Samples {
  readonly earlier?: GroupedClients;
  readonly latest: GroupedClients;
}

async function takeSamples(
  sources: readonly RowSource[],
  options: ClientsOptions,
  io: CommandIo,
  console: Console,
): Promise<Samples> {
  const filter = options.where === undefined ? undefined : parseFilter(options.where);
  const attributePeers = createPeerAttribution(withSourceOf(options), sources, io, console);
  const onProgress = (rows: number) => console.progress(formatCount(rows, 'row'));
  const takeSample = () =>
    groupClients(sources, createRowGrouping(options.by, attributePeers, filter?.matchesAttribution), {
      filter: filter?.matchesRow,
      onProgress,
    });
  const first = await takeSample();
  if (options.sample === undefined) return { latest: first };
  await pause(io, console, options.sample);
  return { earlier: first, latest: await takeSample() };
}

/** The options of a command, and the source that `--by` needs: `--by container` asks the container engine. */
function withSourceOf(options: ClientsOptions): AttributionOptions {
  if (options.by === 'container') return { ...options, docker: true };
  return options.by === 'pod' && options.kubernetesFile === undefined
    ? { ...options, kubernetes: true }
    : options;
}

function warnOfSkippedLines({ targets }: GroupedClients, console: Console): void {
  for (const { target, skippedLines, truncated } of targets) {
    if (skippedLines > 0)
      console.warn(`${target}: not counted, as no row of CLIENT LIST: ${formatCount(skippedLines, 'line')}.`);
    if (truncated) console.warn(`${target}: the last row is incomplete and is not counted.`);
  }
}

function print(
  { latest, earlier }: Samples,
  options: ClientsOptions,
  console: Console,
  facts: RunFacts,
): void {
  const ranking = rankGroups(latest, options.top, earlier);
  if (options.json) console.print(renderJson(clientsJson(latest, ranking, options, facts)));
  else if (options.csv) console.print(clientsCsv(latest, ranking));
  else console.print(renderClients(latest, ranking, console));
}
