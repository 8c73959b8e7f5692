import { Option, type Command } from 'commander';
import type { Clock } from '../../core/clock.js';
import { HygieneError } from '../../core/errors.js';
import { groupKeys, type GroupKey } from '../../doctor/group/by.js';
import { parseFilter } from '../../doctor/group/filter.js';
import { rank, type Ranking } from '../../doctor/group/ranking.js';
import { keyingBy } from '../../doctor/group/keying.js';
import { takeSurvey, type Survey } from '../../doctor/group/survey.js';
import { clientsJson, renderJson } from '../../doctor/render/json.js';
import { clientsCsv, renderClients } from '../../doctor/render/clients.js';
import { fileSource, streamSource } from '../../doctor/sources/file.js';
import type { Source } from '../../doctor/sources/source.js';
import { addAttributionOptions, createAskWho, type AttributionOptions } from '../attribution-options.js';
import { createConsole, type Console } from '../console.js';
import type { CommandIo } from '../io.js';
import type { CommandHost } from '../main.js';
import { addServerOptions, durationMs, positive, type ServerOptions } from '../server-options.js';

interface ClientsOptions extends ServerOptions, AttributionOptions {
  readonly by: GroupKey;
  readonly file: readonly string[];
  readonly top: number;
  readonly where?: string;
  readonly sample?: number;
  readonly json?: true;
  readonly csv?: true;
}

function pause(io: CommandIo, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = io.clock.hold(ms, resolve);
    io.signal.addEventListener('abort', () => (timer.cancel(), resolve()), { once: true });
  });
}

function show(
  survey: Survey,
  ranking: Ranking,
  options: ClientsOptions,
  console: Console,
  clock: Clock,
): void {
  if (options.json) console.print(renderJson(clientsJson(survey, ranking, clock.now())));
  else if (options.csv) console.print(clientsCsv(survey, ranking));
  else console.print(renderClients(survey, ranking, console));
}

function noteOddities({ targets }: Survey, console: Console): void {
  for (const { target, strangers, truncated } of targets) {
    if (strangers > 0) console.warn(`${target}: ${strangers} lines are no rows; they are not counted.`);
    if (truncated) console.warn(`${target}: the last row is cut short; it is not counted.`);
  }
}

async function survey(sources: readonly Source[], options: ClientsOptions, io: CommandIo, console: Console) {
  const filter = options.where === undefined ? undefined : parseFilter(options.where);
  const askWho = await createAskWho(options, sources, io, console);
  const look = () => takeSurvey(sources, keyingBy(options.by, askWho), filter);
  const first = await look();
  if (options.sample === undefined) return { survey: first };
  console.progress(`waiting ${options.sample / 1000} s for the second look`);
  await pause(io, options.sample);
  io.signal.throwIfAborted();
  return { earlier: first, survey: await look() };
}

async function clients(
  urls: readonly string[],
  options: ClientsOptions,
  { io, exit }: CommandHost,
): Promise<void> {
  const console = createConsole(io);
  const files = options.file.map((path) =>
    path === '-' ? streamSource(io.stdin, io.signal) : fileSource(path, io.signal),
  );
  if (options.sample !== undefined && files.length > 0) {
    throw new HygieneError('HYG_CLI_USAGE', '--sample looks twice, which a file does not change between.');
  }
  const wantsServers = files.length === 0 || urls.length > 0;
  // A file is read without what it takes to speak to servers: that is a third of the start.
  using servers = wantsServers
    ? await (await import('../servers.js')).openServers(urls, options, io, console)
    : undefined;
  const { failures = [], sources: asked = [] } = servers ?? {};
  failures.forEach(console.error);
  const sources = [...files, ...asked];
  if (failures.length > 0) exit(2);
  if (sources.length === 0) return;
  const result = await survey(sources, options, io, console);
  noteOddities(result.survey, console);
  show(result.survey, rank(result.survey, options.top, result.earlier), options, console, io.clock);
}

/** `redis-hygiene clients`. */
export function addClients(program: Command, host: CommandHost): void {
  const command = program
    .command('clients')
    .description('Group the clients of servers: who holds how many connections')
    .argument(
      '[url...]',
      'servers: redis://[user[:password]@]host[:port], host:port, or /path/of.sock (default: REDIS_URL)',
    )
    .optionsGroup('What is shown:')
    .addOption(new Option('--by <key>', 'group by').choices(groupKeys).default('owner'))
    .option('--top <n>', 'only the largest groups', positive, 20)
    .option('--where <filter>', "only rows that fit, such as 'idle>3600 name='")
    .option('--sample <time>', 'look twice, this far apart, and show growth', durationMs)
    .option(
      '--file <path>',
      'read a saved CLIENT LIST; - is standard input; may be repeated',
      (path: string, before: string[]) => [...before, path],
      [],
    )
    .addOption(new Option('--json', 'print JSON (docs/json.md)').conflicts('csv'))
    .option('--csv', 'print comma-separated values');
  addAttributionOptions(addServerOptions(command)).action((urls: string[], options: ClientsOptions) =>
    clients(urls, options, host),
  );
}
