import { type Command, Option } from 'commander';
import type { HygieneError } from '../../core/errors.js';
import { budgetOf, fits, limitOf, type Rollouts } from '../../doctor/fleet/fleet-budget.js';
import { compare, type Comparison, fitsDeclaration, observe } from '../../doctor/fleet/fleet-comparison.js';
import { readFleetFile } from '../../doctor/fleet/fleet-file.js';
import { type Fleet, type FleetTarget, parseLive } from '../../doctor/fleet/fleet.js';
import { budgetJson, renderBudget, renderComparison } from '../../doctor/render/budget-report.js';
import { renderJson } from '../../doctor/render/json-document.js';
import { examine, attributeExaminations } from '../../doctor/sources/examine.js';
import type { Source } from '../../doctor/sources/source.js';
import { addAttributionOptions, type AttributionOptions, createAskWho } from '../attribution-options.js';
import type { CommandHost, CommandIo } from '../command-io.js';
import { type Console, createConsole } from '../console.js';
import { addServerOptions, type ServerOptions } from '../server-options.js';

interface BudgetOptions extends ServerOptions, AttributionOptions {
  /** `true` where no address follows. */
  readonly live?: true | readonly string[];
  readonly rollouts: Rollouts;
  readonly json?: true;
}

/** What a command says to the world. */
interface World {
  readonly io: CommandIo;
  readonly console: Console;
}

/** A server, and the target of the file that it is compared with. */
interface Sighted {
  readonly target: FleetTarget;
  readonly source: Source;
}

interface Sightings extends Disposable {
  readonly sighted: readonly Sighted[];
  /** Why servers that were named could not be asked. It has been said. */
  readonly failures: readonly HygieneError[];
}

/** Opens the servers that `--live` names, each with the nodes of its Cluster. */
async function openLive(fleet: Fleet, options: BudgetOptions, { io, console }: World): Promise<Sightings> {
  const texts = options.live === true || options.live === undefined ? [undefined] : options.live;
  const live = options.live === undefined ? [] : texts.map((text) => parseLive(text, fleet));
  const sighted: Sighted[] = [];
  const failed: HygieneError[] = [];
  const close = () => sighted.forEach(({ source }) => source.server?.close());
  try {
    for (const { target, url } of live) {
      const { openServers } = await import('../open-servers.js');
      const own = url === undefined ? options : { ...options, sentinel: [] };
      const { sources, failures } = await openServers(url === undefined ? [] : [url], own, io, console);
      failures.forEach(console.error);
      failed.push(...failures);
      // Sentinels that showed the way are no part of the target.
      const isMeant = ({ kind }: Source) => url !== undefined || kind === 'server';
      sources.filter((source) => !isMeant(source)).forEach(({ server }) => server?.close());
      sighted.push(...sources.filter(isMeant).map((source) => ({ target, source })));
    }
  } catch (error) {
    close();
    throw error;
  }
  return { sighted, failures: failed, [Symbol.dispose]: close };
}

/** The budget of each target, by what its servers say that they take. */
function budgetsOf(fleet: Fleet, sighted: readonly Sighted[], console: Console) {
  return fleet.targets.map((target) => {
    const told = sighted
      .filter((one) => one.target === target)
      .flatMap(({ source: { target: server, maxclients } }) =>
        maxclients === undefined ? [] : [{ server, maxclients }],
      );
    const { maxclients, differing } = limitOf(target, told);
    for (const { server, maxclients: own } of differing) {
      const says = `the file says maxclients ${target.maxclients}, ${server} says ${own}`;
      console.warn(`${target.name}: ${says}; the lower one counts.`);
    }
    return budgetOf(fleet, target, maxclients);
  });
}

async function comparisonsOf(
  sighted: readonly Sighted[],
  budgets: ReturnType<typeof budgetsOf>,
  options: BudgetOptions,
  { io, console }: World,
): Promise<Comparison[]> {
  if (sighted.length === 0) return [];
  const sources = sighted.map(({ source }) => source);
  const askWho = createAskWho(options, sources, io, console);
  const onRefusal = (error: HygieneError) => console.warn(error.message);
  const seen = await Promise.all(
    sources.map(async (source) => ({
      isLocal: source.isLocal,
      examined: await examine(source, io.clock, undefined, onRefusal),
    })),
  );
  const examinations = await attributeExaminations(seen, askWho);
  return examinations.flatMap((seenThere, at) => {
    const budget = budgets.find(({ target }) => target === sighted[at]?.target.name);
    const observed = observe(seenThere.now.rows, (row) => seenThere.ownerOf(row));
    return budget ? [compare(budget, seenThere.target, observed)] : [];
  });
}

async function budget(file: string, options: BudgetOptions, { io, exit }: CommandHost): Promise<void> {
  const world = { io, console: createConsole(io) };
  const { console } = world;
  const { rollouts } = options;
  const fleet = await readFleetFile(file);
  using live = await openLive(fleet, options, world);
  const { failures } = live;
  if (failures.length > 0) exit(2);
  const budgets = budgetsOf(fleet, live.sighted, console);
  const comparisons = await comparisonsOf(live.sighted, budgets, options, world);
  const ok = budgets.every((one) => fits(one, rollouts)) && comparisons.every(fitsDeclaration);
  if (options.json) {
    const facts = { at: io.clock.now(), failures };
    console.print(renderJson(budgetJson(budgets, comparisons, { rollouts, ok }, facts)));
  } else {
    console.print(budgets.flatMap((one) => renderBudget(one, rollouts, console)));
    console.print(comparisons.flatMap((one) => renderComparison(one, console)));
  }
  if (!ok && failures.length === 0) exit(1);
}

/** `redis-hygiene budget`. */
export function addBudget(program: Command, host: CommandHost): void {
  const command = program
    .command('budget')
    .description('Say which rollout of a fleet needs more connections than a server takes')
    .argument('<file>', 'fleet file (docs/fleet-budget.md)')
    .optionsGroup('What is compared:')
    .option(
      '--live [url]',
      'also with what servers have: [target=]redis://host (default: REDIS_URL); may be repeated',
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
