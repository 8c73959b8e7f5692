import type { Command } from 'commander';
import { HygieneError } from '../../core/errors.js';
import { parseFilter } from '../../doctor/group/row-filter.js';
import { type ReapCriterion, selectMatching, planReap, selectStale } from '../../doctor/reap/reap-plan.js';
import { createReapPort, findReapServers, type ReapServer } from '../../doctor/reap/reap-servers.js';
import { type KillResult, runReap, type ServerOutcome, sumResults } from '../../doctor/reap/run-reap.js';
import { renderJson } from '../../doctor/render/json-document.js';
import {
  reapJson,
  renderKillResult,
  renderReapPlan,
  renderReapReport,
} from '../../doctor/render/reap-report.js';
import { requiredRights } from '../../doctor/server/acl-rights.js';
import type { CommandHost, CommandIo } from '../command-io.js';
import { type Console, createConsole } from '../console.js';
import type { OpenServers } from '../open-servers.js';
import {
  addServerOptions,
  parsePositiveInteger,
  parseSecondsMs,
  type ServerOptions,
  createTimeOption,
} from '../server-options.js';

interface ReapOptions extends ServerOptions {
  readonly where?: string;
  readonly stale?: true;
  readonly heartbeat: number;
  readonly max: number;
  readonly yes?: true;
  readonly json?: true;
}

/** `redis-hygiene reap`. */
export function addReap(program: Command, host: CommandHost): void {
  const command = program
    .command('reap')
    .description('Close connections whose heartbeat has stopped, or those that a filter selects')
    .argument('[url...]', 'servers and sentinels, as for clients (default: REDIS_URL)')
    .optionsGroup('What is closed:')
    .option('--where <filter>', "close rows that match instead, such as 'idle>3600 name='")
    .option('--stale', 'with --where: only matching rows whose heartbeat has stopped')
    .addOption(
      createTimeOption('--heartbeat <time>', 'heartbeat interval of the services', '15s', parseSecondsMs),
    )
    .option('--max <n>', 'maximum number of connections to close in one run', parsePositiveInteger, 100)
    .option('--yes', 'close them; without it the commands are only printed')
    .option('--json', 'print JSON (docs/json.md)');
  addServerOptions(command).action((urls: string[], options: ReapOptions) => reap(urls, options, host));
}

async function reap(urls: readonly string[], options: ReapOptions, host: CommandHost): Promise<void> {
  const { io } = host;
  const console = createConsole(io);
  const criterion = criterionOf(options);
  const { openServers } = await import('../open-servers.js');
  const interruption = createInterruption(io);
  using servers = await openServers(urls, options, interruption.io, console);
  const failures = createFailures(console, host.exit);
  servers.failures.forEach(failures.add);
  const reapServers = await findReapServers(servers.sources);
  if (reapServers.length === 0) return;
  await host.finish(() =>
    reapAndReport(servers, reapServers, { criterion, options, io, console, interruption }, failures),
  );
}

function criterionOf({ where, stale, heartbeat }: ReapOptions): ReapCriterion {
  const filter = where === undefined ? undefined : parseFilter(where);
  return filter && !stale ? selectMatching(filter) : selectStale(heartbeat / 1000, filter);
}

/** What one run of `reap` uses for all of its servers. */
interface Run {
  readonly criterion: ReapCriterion;
  readonly options: ReapOptions;
  readonly io: CommandIo;
  readonly console: Console;
  readonly interruption: Interruption;
}

/** Reaps all servers and prints the results, also when Ctrl-C ended it early. */
async function reapAndReport(
  servers: OpenServers,
  reapServers: readonly ReapServer[],
  run: Run,
  failures: Failures,
) {
  const { options, io, console } = run;
  const outcomes = await reapAll(reapServers, run, failures.add);
  const { closed, planned, skipped } = sumResults(outcomes);
  if (isStopped(io)) {
    const rest = planned - closed - skipped;
    failures.add(new HygieneError('HYG_CLI_INTERRUPTED', `Interrupted: ${closed} closed, ${rest} not.`));
  } else if (!options.yes && planned > 0) {
    console.note(
      'Nothing was closed: this was a dry run. With --yes each connection is checked again and closed.',
    );
  }
  if (!options.json) return;
  const kinds = new Map(servers.sources.map(({ target, kind }) => [target, kind]));
  const kindOf = (target: string) => kinds.get(target) ?? 'server';
  const mode = options.yes ? 'run' : 'dry-run';
  const facts = { at: io.clock.now(), failures: failures.collected };
  console.print(renderJson(reapJson({ mode, outcomes, kindOf }, facts)));
}

/** Reaps one server after the other, because `--max` counts for all of them together. */
async function reapAll(servers: readonly ReapServer[], run: Run, onFailure: (error: unknown) => void) {
  const { options, io, console } = run;
  const outcomes: ServerOutcome[] = [];
  for (const server of servers) {
    if (isStopped(io)) break;
    try {
      const { planned, skipped } = sumResults(outcomes);
      const outcome = await reapServer(server, options.max - planned + skipped, run);
      outcomes.push(outcome);
      const render = outcome.report ? renderReapReport : renderReapPlan;
      if (!options.json) console.print(render(outcome, console));
      if (outcome.report?.failure) onFailure(outcome.report.failure.error);
    } catch (error) {
      if (isStopped(io)) break;
      onFailure(error);
    }
  }
  return outcomes;
}

/** Plans which connections of a server to close, and closes them with `--yes`. */
async function reapServer({ server, isSelf }: ReapServer, max: number, run: Run): Promise<ServerOutcome> {
  const { criterion, options, io, console, interruption } = run;
  const port = createReapPort(server, criterion.isCandidate);
  const listed = await port.list();
  const plan = planReap(listed, { max, isSelf, why: criterion.why });
  const planned = { target: server.target, clients: listed.length, plan };
  if (!options.yes) return planned;
  let done = 0;
  function onResult(result: KillResult): void {
    done += 1;
    if (!options.json) console.print([renderKillResult(result, console)]);
    console.progress(`${server.target}: ${done} of ${plan.kills.length}`);
  }
  const report = await interruption.holdBack(() => runReap(plan, port, { signal: io.signal, onResult }));
  return { ...planned, report };
}

interface Interruption {
  /** Streams whose signal Ctrl-C aborts, unless it is held back. */
  readonly io: CommandIo;
  /** Holds Ctrl-C back while `run` is under way. */
  readonly holdBack: <T>(run: () => Promise<T>) => Promise<T>;
}

/** Ctrl-C ends connections to servers at once, except while connections are being closed: that ends between two batches. */
function createInterruption(io: CommandIo): Interruption {
  const connections = new AbortController();
  let isHeld = false;
  const stop = () => {
    if (!isHeld) connections.abort(io.signal.reason);
  };
  if (isStopped(io)) stop();
  else io.signal.addEventListener('abort', stop, { once: true });
  return {
    io: { ...io, signal: connections.signal },
    holdBack(run) {
      isHeld = true;
      return run().finally(() => (isHeld = false));
    },
  };
}

const isStopped = ({ signal }: CommandIo) => signal.aborted;

type Failures = ReturnType<typeof createFailures>;

/** Prints failures, and collects them for the JSON output. */
function createFailures(console: Console, exit: CommandHost['exit']) {
  const collected: HygieneError[] = [];
  return {
    collected,
    add: (error: unknown): void => {
      printFailure(error, console);
      exit(2);
      if (error instanceof HygieneError) collected.push(error);
    },
  };
}

function printFailure(error: unknown, console: Console): void {
  console.error(error);
  const isMissingRight = error instanceof HygieneError && error.code === 'HYG_TARGET_PERMISSION';
  if (isMissingRight) console.note(`Rights that reap needs: ${requiredRights.reap.join(' ')}`);
}
