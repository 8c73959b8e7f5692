import { type Command, Option } from 'commander';
import { type GroupKey, groupKeys } from '../../doctor/group/group-keys.js';
import { rowGroupingBy, type GroupedClients, groupClients } from '../../doctor/group/grouped-clients.js';
import { rank } from '../../doctor/group/ranking.js';
import { parseFilter } from '../../doctor/group/row-filter.js';
import { clientsCsv, clientsJson, renderClients } from '../../doctor/render/clients-report.js';
import { renderJson, type RunFacts } from '../../doctor/render/json-document.js';
import type { Source } from '../../doctor/sources/source.js';
import { addAttributionOptions, type AttributionOptions, createAskWho } from '../attribution-options.js';
import type { CommandHost, CommandIo } from '../command-io.js';
import { type Console, createConsole, pause } from '../console.js';
import { addSourceOptions, openSources, type SourceOptions } from '../open-sources.js';
import { addServerOptions, positive, type ServerOptions } from '../server-options.js';

interface ClientsOptions extends ServerOptions, SourceOptions, AttributionOptions {
  readonly by: GroupKey;
  readonly top: number;
  readonly where?: string;
  readonly json?: true;
  readonly csv?: true;
}

/** One survey, or two with a pause between them. */
interface Surveys {
  readonly earlier?: GroupedClients;
  readonly survey: GroupedClients;
}

async function survey(
  sources: readonly Source[],
  options: ClientsOptions,
  io: CommandIo,
  console: Console,
): Promise<Surveys> {
  const filter = options.where === undefined ? undefined : parseFilter(options.where);
  const askWho = createAskWho(options, sources, io, console);
  const onProgress = (rows: number) => console.progress(`${rows} rows`);
  const look = () => groupClients(sources, rowGroupingBy(options.by, askWho), { filter, onProgress });
  const first = await look();
  if (options.sample === undefined) return { survey: first };
  await pause(io, console, options.sample);
  return { earlier: first, survey: await look() };
}

function noteOddities({ targets }: GroupedClients, console: Console): void {
  for (const { target, strangers, truncated } of targets) {
    if (strangers > 0) console.warn(`${target}: ${strangers} lines are no rows; they are not counted.`);
    if (truncated) console.warn(`${target}: the last row is cut short; it is not counted.`);
  }
}

function show(
  { survey, earlier }: Surveys,
  options: ClientsOptions,
  console: Console,
  facts: RunFacts,
): void {
  const ranking = rank(survey, options.top, earlier);
  if (options.json) console.print(renderJson(clientsJson(survey, ranking, options, facts)));
  else if (options.csv) console.print(clientsCsv(survey, ranking));
  else console.print(renderClients(survey, ranking, console));
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
  const surveys = await survey(opened.sources, options, io, console);
  noteOddities(surveys.survey, console);
  show(surveys, options, console, { at: io.clock.now(), failures });
}

/** `redis-hygiene clients`. */
export function addClients(program: Command, host: CommandHost): void {
  const command = program
    .command('clients')
    .description('Group the clients of servers: who holds how many connections')
    .argument(
      '[url...]',
      'redis://[user[:password]@]host[:port], host:port, or a socket (default: REDIS_URL)',
    )
    .optionsGroup('What is shown:')
    .addOption(new Option('--by <key>', 'group by').choices(groupKeys).default('owner'))
    .option('--top <n>', 'only the largest groups', positive, 20)
    .option('--where <filter>', "only rows that fit, such as 'idle>3600 name='")
    .addOption(new Option('--json', 'print JSON (docs/json.md)').conflicts('csv'))
    .option('--csv', 'print comma-separated values');
  addAttributionOptions(addServerOptions(addSourceOptions(command))).action(
    (urls: string[], options: ClientsOptions) => clients(urls, options, host),
  );
}
