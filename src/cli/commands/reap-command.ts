import type { Command } from 'commander';
import { HygieneError } from '../../core/errors.js';
import { parseFilter } from '../../doctor/group/row-filter.js';
import { type Criterion, fittingOnes, planReap, staleOnes } from '../../doctor/reap/reap-plan.js';
import { createReapPort, findReapServers, type ReapServer } from '../../doctor/reap/reap-servers.js';
import { type KillResult, runReap, type ServerOutcome, sumResults } from '../../doctor/reap/run-reap.js';
import { renderJson } from '../../doctor/render/json-document.js';
import { reapJson, renderKillResult, renderPlan, renderReport } from '../../doctor/render/reap-report.js';
import { grants } from '../../doctor/server/acl-rights.js';
import type { CommandHost, CommandIo } from '../command-io.js';
import { type Console, createConsole } from '../console.js';
import type { OpenServers } from '../open-servers.js';
import { addServerOptions, positive, secondsMs, type ServerOptions, timeOption } from '../server-options.js';

interface ReapOptions extends ServerOptions {
  readonly where?: string;
  readonly stale?: true;
  readonly heartbeat: number;
  readonly max: number;
  readonly yes?: true;
  readonly json?: true;
}

function criterionOf({ where, stale, heartbeat }: ReapOptions): Criterion {
  const filter = where === undefined ? undefined : parseFilter(where);
  return filter && !stale ? fittingOnes(filter) : staleOnes(heartbeat / 1000, filter);
}

const isStopped = ({ signal }: CommandIo) => signal.aborted;

/** What the servers of one run have in common. */
interface Run {
  readonly criterion: Criterion;
  readonly options: ReapOptions;
  readonly io: CommandIo;
  readonly console: Console;
  readonly brake: Brake;
}

interface Brake {
  /** For what Ctrl-C may cut off. */
  readonly io: CommandIo;
  /** For what it may not. */
  readonly hold: <T>(run: () => Promise<T>) => Promise<T>;
}

/** Ctrl-C hangs up at once, but not while connections are being closed: that ends by itself between two batches. */
function createBrake(io: CommandIo): Brake {
  const lines = new AbortController();
  let isHeld = false;
  const stop = () => {
    if (!isHeld) lines.abort(io.signal.reason);
  };
  if (isStopped(io)) stop();
  else io.signal.addEventListener('abort', stop, { once: true });
  return {
    io: { ...io, signal: lines.signal },
    hold(run) {
      isHeld = true;
      return run().finally(() => (isHeld = false));
    },
  };
}

/** Plans, and does it where it was told to. */
async function reapServer({ server, isSelf }: ReapServer, max: number, run: Run): Promise<ServerOutcome> {
  const { criterion, options, io, console, brake } = run;
  const port = createReapPort(server, criterion.isNamed);
  const seen = await port.list();
  const plan = planReap(seen, { max, isSelf, why: criterion.why });
  const planned = { target: server.target, clients: seen.length, plan };
  if (!options.yes) return planned;
  let met = 0;
  function onFate(fate: KillResult): void {
    met += 1;
    if (!options.json) console.print([renderKillResult(fate, console)]);
    console.progress(`${server.target}: ${met} of ${plan.kills.length}`);
  }
  const report = await brake.hold(() => runReap(plan, port, { signal: io.signal, onFate }));
  return { ...planned, report };
}

/** One server after the other: `--max` is for all of them together. */
async function reapAll(patients: readonly ReapServer[], run: Run, onFailure: (error: unknown) => void) {
  const { options, io, console } = run;
  const outcomes: ServerOutcome[] = [];
  for (const patient of patients) {
    if (isStopped(io)) break;
    try {
      const { planned, spared } = sumResults(outcomes);
      const outcome = await reapServer(patient, options.max - planned + spared, run);
      outcomes.push(outcome);
      const render = outcome.report ? renderReport : renderPlan;
      if (!options.json) console.print(render(outcome, console));
      if (outcome.report?.failure) onFailure(outcome.report.failure.error);
    } catch (error) {
      if (isStopped(io)) break;
      onFailure(error);
    }
  }
  return outcomes;
}

function explain(error: unknown, console: Console): void {
  console.error(error);
  const isRight = error instanceof HygieneError && error.code === 'HYG_TARGET_PERMISSION';
  if (isRight) console.note(`All that reap needs: ${grants.reap.join(' ')}`);
}

type Failures = ReturnType<typeof createFailures>;

/** Says what goes wrong, and remembers it for those who read JSON. */
function createFailures(console: Console, exit: CommandHost['exit']) {
  const told: HygieneError[] = [];
  return {
    told,
    add: (error: unknown): void => {
      explain(error, console);
      exit(2);
      if (error instanceof HygieneError) told.push(error);
    },
  };
}

/** Reaps, and says what came of it, also where Ctrl-C ended it early. */
async function treat(servers: OpenServers, patients: readonly ReapServer[], run: Run, failures: Failures) {
  const { options, io, console } = run;
  const outcomes = await reapAll(patients, run, failures.add);
  const { closed, planned, spared } = sumResults(outcomes);
  if (isStopped(io)) {
    const rest = planned - closed - spared;
    failures.add(new HygieneError('HYG_CLI_INTERRUPTED', `Interrupted: ${closed} closed, ${rest} not.`));
  } else if (!options.yes && planned > 0) {
    console.note('Nothing was closed: this was a dry run. With --yes each is looked at again, and closed.');
  }
  if (!options.json) return;
  const kinds = new Map(servers.sources.map(({ target, kind }) => [target, kind]));
  const kindOf = (target: string) => kinds.get(target) ?? 'server';
  const mode = options.yes ? 'run' : 'dry-run';
  const facts = { at: io.clock.now(), failures: failures.told };
  console.print(renderJson(reapJson({ mode, outcomes, kindOf }, facts)));
}

async function reap(urls: readonly string[], options: ReapOptions, host: CommandHost): Promise<void> {
  const { io } = host;
  const console = createConsole(io);
  const criterion = criterionOf(options);
  const { openServers } = await import('../open-servers.js');
  const brake = createBrake(io);
  using servers = await openServers(urls, options, brake.io, console);
  const failures = createFailures(console, host.exit);
  servers.failures.forEach(failures.add);
  const patients = await findReapServers(servers.sources);
  if (patients.length === 0) return;
  await host.finish(() => treat(servers, patients, { criterion, options, io, console, brake }, failures));
}

/** `redis-hygiene reap`. */
export function addReap(program: Command, host: CommandHost): void {
  const command = program
    .command('reap')
    .description('Close connections whose heartbeat has stopped, or those that a filter names')
    .argument('[url...]', 'servers and sentinels, as for clients (default: REDIS_URL)')
    .optionsGroup('What is closed:')
    .option('--where <filter>', "whatever fits instead, such as 'idle>3600 name='")
    .option('--stale', 'with --where: only those of them whose heartbeat has stopped')
    .addOption(timeOption('--heartbeat <time>', 'heartbeat interval of the services', '15s', secondsMs))
    .option('--max <n>', 'most connections closed in one run', positive, 100)
    .option('--yes', 'close them; without it the commands are printed only')
    .option('--json', 'print JSON (docs/json.md)');
  addServerOptions(command).action((urls: string[], options: ReapOptions) => reap(urls, options, host));
}
