import { type Command, Option } from 'commander';
import type { HygieneError } from '../../core/errors.js';
import { budgetOf, fitsRoom, targetLimitOf, type Rollouts } from '../../doctor/fleet/fleet-budget.js';
import {
  compareWithServer,
  type Comparison,
  fitsDeclaration,
  countByService,
} from '../../doctor/fleet/fleet-comparison.js';
import { readFleetFile } from '../../doctor/fleet/fleet-file.js';
import { type Fleet, type FleetTarget, parseLiveServer } from '../../doctor/fleet/fleet.js';
import { budgetJson, renderBudget, renderComparison } from '../../doctor/render/budget-report.js';
import { renderJson } from '../../doctor/render/json-document.js';
import { examine, attributeExaminations } from '../../doctor/sources/examine.js';
import type { RowSource } from '../../doctor/sources/source.js';
import {
  addAttributionOptions,
  type AttributionOptions,
  createPeerAttribution,
} from '../attribution-options.js';
import type { CommandHost, CommandIo } from '../command-io.js';
import { type Console, createConsole } from '../console.js';
import { addServerOptions, type ServerOptions } from '../server-options.js';

interface BudgetOptions extends ServerOptions, AttributionOptions {
  /** `true` if no URL follows the option. */
  readonly live?: true | readonly string[];
  readonly rollouts: Rollouts;
  readonly json?: true;
}

/** `redis-hygiene budget`. */
export function addBudget(program: Command, host: CommandHost): void {
  const command = program
    .command('budget')
    .description('Calculate which rollout of a fleet needs more connections than a server accepts')
    .argument('<file>', 'fleet file (docs/fleet-budget.md)')
    .optionsGroup('What is compared:')
    .option(
      '--live [url]',
      'compare with real servers: [target=]redis://host (default: REDIS_URL); may be repeated',
      (url: string, before: unknown) => [...(Array.isArray(before) ? (before as string[]) : []), url],
    )
    .addOption(
      new Option('--rollouts <which>', 'what must fit: each rollout alone, or all of them together')
        .choices(['alone', 'together'])
        .default('together'),
    )
    .option('--json', 'print JSON (docs/json.md)');
  addAttributionOptions(addServerOptions(command)).action((file: string, options: BudgetOptions) =>
    budget(file, options, host),
  );
}

async function budget(file: string, options: BudgetOptions, { io, exit }: CommandHost): Promise<void> {
  const output = { io, console: createConsole(io) };
  const { console } = output;
  const { rollouts } = options;
  const fleet = await readFleetFile(file);
  using live = await openLiveServers(fleet, options, output);
  const { failures } = live;
  if (failures.length > 0) exit(2);
  const budgets = budgetsOf(fleet, live.servers, console);
  const comparisons = await comparisonsOf(live.servers, budgets, options, output);
  const ok = budgets.every((one) => fitsRoom(one, rollouts)) && comparisons.every(fitsDeclaration);
  if (options.json) {
    const facts = { at: io.clock.now(), failures, warnings: console.warnings() };
    console.print(renderJson(budgetJson(budgets, comparisons, { rollouts, ok }, facts)));
  } else {
    console.print(budgets.flatMap((one) => renderBudget(one, rollouts, console)));
    console.print(comparisons.flatMap((one) => renderComparison(one, console)));
  }
  if (!ok && failures.length === 0) exit(1);
}

/** Streams and console of a command. */
interface CommandOutput {
  readonly io: CommandIo;
  readonly console: Console;
}

/** A server, and the target of the fleet file that it is compared with. */
interface OpenedServer {
  readonly target: FleetTarget;
  readonly source: RowSource;
}

interface OpenedServers extends Disposable {
  readonly servers: readonly OpenedServer[];
  /** Errors of the servers that could not be reached. They have been printed. */
  readonly failures: readonly HygieneError[];
}

/** Opens the servers that `--live` names, each with the nodes of its Cluster. */
async function openLiveServers(
  fleet: Fleet,
  options: BudgetOptions,
  { io, console }: CommandOutput,
): Promise<OpenedServers> {
  const texts = options.live === true || options.live === undefined ? [undefined] : options.live;
  const live = options.live === undefined ? [] : texts.map((text) => parseLiveServer(text, fleet));
  const servers: OpenedServer[] = [];
  const failed: HygieneError[] = [];
  const close = () => servers.forEach(({ source }) => source.server?.close());
  try {
    for (const { target, url } of live) {
      const { openServers } = await import('../open-servers.js');
      const own = url === undefined ? options : { ...options, sentinel: [] };
      const { sources, failures } = await openServers(url === undefined ? [] : [url], own, io, console);
      failures.forEach(console.error);
      failed.push(...failures);
      // Sentinels that led to the servers are not part of the target.
      const isPartOfTarget = ({ kind }: RowSource) => url !== undefined || kind === 'server';
      sources.filter((source) => !isPartOfTarget(source)).forEach(({ server }) => server?.close());
      servers.push(...sources.filter(isPartOfTarget).map((source) => ({ target, source })));
    }
  } catch (error) {
    close();
    throw error;
  }
  return { servers, failures: failed, [Symbol.dispose]: close };
}

/** Calculates the budget of each target, with the `maxclients` that its servers report. */
function budgetsOf(fleet: Fleet, servers: readonly OpenedServer[], console: Console) {
  return fleet.targets.map((target) => {
    const reported = servers
      .filter((one) => one.target === target)
      .flatMap(({ source: { target: server, maxclients } }) =>
        maxclients === undefined ? [] : [{ server, maxclients }],
      );
    const { maxclients, differing } = targetLimitOf(target, reported);
    for (const { server, maxclients: own } of differing) {
      const difference = `the file has maxclients ${target.maxclients}, ${server} has ${own}`;
      console.warn(`${target.name}: ${difference}; the lower one counts.`);
    }
    return budgetOf(fleet, target, maxclients);
  });
}

async function comparisonsOf(
  servers: readonly OpenedServer[],
  budgets: ReturnType<typeof budgetsOf>,
  options: BudgetOptions,
  { io, console }: CommandOutput,
): Promise<Comparison[]> {
  if (servers.length === 0) return [];
  const sources = servers.map(({ source }) => source);
  const attributePeers = createPeerAttribution(options, sources, io, console);
  const onRefusal = (error: HygieneError) => console.warn(error.message);
  const examined = await Promise.all(
    sources.map(async (source) => ({
      isLocal: source.isLocal,
      examined: await examine(source, io.clock, undefined, onRefusal),
    })),
  );
  const examinations = await attributeExaminations(examined, attributePeers);
  return examinations.flatMap((examination, at) => {
    const budget = budgets.find(({ target }) => target === servers[at]?.target.name);
    const observed = countByService(examination.now.rows, (row) => examination.ownerOf(row));
    return budget ? [compareWithServer(budget, examination.target, observed)] : [];
  });
}
