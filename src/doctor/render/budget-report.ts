import type { Rollouts, ServiceBudget, TargetBudget } from '../fleet/fleet-budget.js';
import type { Comparison } from '../fleet/fleet-comparison.js';
import { formatCount, formatPercent } from '../text/quantities.js';
import { safeText, wrapText } from '../text/safe-text.js';
import { documentHead, type RunFacts } from './json-document.js';
import { type Page, renderTable } from './text-table.js';

/** Renders the budget of one target. */
export function renderBudget(budget: TargetBudget, rollouts: Rollouts, page: Page): readonly string[] {
  const { target, room, maxclients, reserve } = budget;
  const right = 'right' as const;
  const table = renderTable(
    budgetLines(budget),
    [
      { title: 'service', text: ({ name }) => name },
      { title: 'replicas', align: right, text: ({ replicas }) => replicas, dropPriority: 2 },
      { title: 'each', align: right, text: ({ each }) => each, dropPriority: 2 },
      { title: 'steady', align: right, text: ({ steady }) => steady, dropPriority: 3 },
      { title: 'surge', align: right, text: ({ surge }) => surge, dropPriority: 3 },
      { title: 'in rollout', align: right, text: ({ connections }) => String(connections) },
      {
        title: 'of room',
        align: right,
        text: ({ connections }) => formatPercent(connections / Math.max(1, room)),
        dropPriority: 1,
      },
      { title: '', text: fitText },
    ],
    page,
  );
  const problems = problemTexts(budget, rollouts).flatMap((text) =>
    wrapText(safeText(text), page.width).map(page.style.error),
  );
  return [
    page.style.strong(
      `${safeText(target)}: room for ${formatCount(room, 'connection')} (maxclients ${maxclients}, reserve ${reserve})`,
    ),
    '',
    ...table,
    '',
    ...(problems.length > 0 ? [...problems, ''] : []),
  ];
}

/** A line of the table of a target. */
interface BudgetLine {
  readonly name: string;
  readonly replicas: string;
  readonly each: string;
  readonly steady: string;
  readonly surge: string;
  readonly connections: number;
  readonly over: number;
}

function serviceLine({ service, replicas, perReplica, steady, surge, rollout }: ServiceBudget): BudgetLine {
  return {
    name: service,
    replicas: String(replicas),
    each: String(perReplica),
    steady: String(steady),
    surge: `+${surge}`,
    ...rollout,
  };
}

function budgetLines({ services, steady, together }: TargetBudget): BudgetLine[] {
  const empty = { replicas: '', each: '', surge: '' };
  return [
    ...services.map(serviceLine),
    { name: '(no rollout)', ...empty, steady: String(steady.connections), ...steady },
    { name: '(all at once)', ...empty, steady: String(steady.connections), ...together },
  ];
}

const fitText = ({ over }: BudgetLine) => (over === 0 ? 'fits' : `${over} too many`);

/** A sentence for each rollout that does not fit, with the limits that it would fit in. */
function problemTexts(
  { room, steady, services, together, atOnce }: TargetBudget,
  rollouts: Rollouts,
): string[] {
  const tooMany = ({ connections, over }: { connections: number; over: number }) =>
    `${formatCount(connections, 'connection')}, ${over} more than the ${room} that there is room for`;
  const overBudget = services.filter(({ rollout }) => rollout.over > 0);
  const problems: string[] = [
    ...(steady.over > 0 ? [`Without any rollout there are ${tooMany(steady)}.`] : []),
    ...overBudget.map(
      (service) =>
        `The rollout of ${service.service} makes ${tooMany(service.rollout)}. ${remedyText(service)}`,
    ),
  ];
  if (problems.length > 0 || rollouts === 'alone' || together.over === 0) return problems;
  const atMost = `Any ${atOnce} of the ${services.length} may be rolled out at the same time.`;
  return [`All rollouts at the same time make ${tooMany(together)}. ${atMost}`];
}

function remedyText({ remedy }: ServiceBudget): string {
  const { surge, connections, maxclients } = remedy ?? {};
  const ways = [
    ...(surge === undefined
      ? []
      : [surge === 0 ? 'no surge' : `a surge of ${formatCount(surge, 'replica')}`]),
    ...(connections === undefined ? [] : [`${formatCount(connections, 'connection')} in each process`]),
    `maxclients ${maxclients}`,
  ];
  return `It fits with ${ways.join(', or with ')}.`;
}

/** Renders one server beside the budget of its target. */
export function renderComparison(comparison: Comparison, page: Page): readonly string[] {
  const right = 'right' as const;
  const table = renderTable(
    comparison.services,
    [
      { title: 'service', text: ({ service }) => service },
      { title: 'observed', align: right, text: ({ observed }) => String(observed) },
      { title: 'steady', align: right, text: ({ steady }) => String(steady) },
      { title: 'in rollout', align: right, text: ({ peak }) => String(peak), dropPriority: 3 },
      {
        title: 'replicas',
        align: right,
        text: ({ hosts, replicas }) => `${hosts} of ${replicas}`,
        dropPriority: 2,
      },
      {
        title: 'most in one',
        text: ({ largestReplica, perReplica }) =>
          largestReplica ? `${largestReplica.connections} of ${perReplica} (${largestReplica.host})` : '-',
        dropPriority: 1,
      },
      { title: '', text: ({ status }) => statusTexts[status] },
    ],
    page,
  );
  const undeclared = wrapText(safeText(undeclaredText(comparison)), page.width);
  return [
    page.style.strong(safeText(`${comparison.target} as it is on ${comparison.server}`)),
    '',
    ...table,
    '',
    ...(comparison.reserveUse.over > 0 ? undeclared.map(page.style.error) : undeclared),
    '',
  ];
}

const statusTexts = {
  steady: 'as declared',
  rollout: 'as in a rollout',
  over: 'more than declared',
} as const;

/** The connections that are not declared, and so use the reserve. */
function undeclaredText({
  undeclared,
  unrecognized,
  unnamed,
  servers,
  commands,
  reserveUse,
}: Comparison): string {
  const holders = [
    ...undeclared.map(({ service, connections }) => [service, connections] as const),
    ['unnamed', unnamed] as const,
    ['with unknown names', unrecognized] as const,
    ['servers', servers] as const,
    ['redis-hygiene doctor', commands] as const,
  ].filter(([, connections]) => connections > 0);
  const list =
    holders.length === 1
      ? holders.map(([who]) => who)
      : holders.map(([who, connections]) => `${connections} ${who}`);
  const { connections, reserve, over } = reserveUse;
  const tooMany = over > 0 ? `, ${over} too many` : '';
  const who = list.length > 0 ? ` (${list.join(', ')})` : '';
  return `${connections} of ${formatCount(reserve, 'reserved connection')} in use${tooMany}${who}.`;
}

/** The document of `budget --json`. */
export function budgetJson(
  budgets: readonly TargetBudget[],
  comparisons: readonly Comparison[],
  { rollouts, ok }: { readonly rollouts: Rollouts; readonly ok: boolean },
  facts: RunFacts,
): object {
  return { ...documentHead('budget', facts), rollouts, ok, targets: budgets, live: comparisons };
}
