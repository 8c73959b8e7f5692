import type { Rollouts, ServiceBudget, TargetBudget } from '../fleet/fleet-budget.js';
import type { Comparison } from '../fleet/fleet-comparison.js';
import { counted, percent } from '../text/quantities.js';
import { safeText, wrap } from '../text/safe-text.js';
import { document, type RunFacts } from './json-document.js';
import { type Page, renderTable } from './text-table.js';

interface Line {
  readonly name: string;
  readonly replicas: string;
  readonly each: string;
  readonly steady: string;
  readonly surge: string;
  readonly connections: number;
  readonly over: number;
}

function serviceLine({ service, replicas, perReplica, steady, surge, rollout }: ServiceBudget): Line {
  return {
    name: service,
    replicas: String(replicas),
    each: String(perReplica),
    steady: String(steady),
    surge: `+${surge}`,
    ...rollout,
  };
}

function lines({ services, steady, together }: TargetBudget): Line[] {
  const blank = { replicas: '', each: '', surge: '' };
  return [
    ...services.map(serviceLine),
    { name: '(no rollout)', ...blank, steady: String(steady.connections), ...steady },
    { name: '(all at once)', ...blank, steady: String(steady.connections), ...together },
  ];
}

const verdict = ({ over }: Line) => (over === 0 ? 'fits' : `${over} too many`);

function remedyText({ remedy }: ServiceBudget): string {
  const { surge, connections, maxclients } = remedy ?? {};
  const ways = [
    ...(surge === undefined ? [] : [surge === 0 ? 'no surge' : `a surge of ${counted(surge, 'replica')}`]),
    ...(connections === undefined ? [] : [`${connections} connections in each process`]),
    `maxclients ${maxclients}`,
  ];
  return `It fits with ${ways.join(', or with ')}.`;
}

/** What does not fit, and what would: one sentence each. */
function complaints(
  { room, steady, services, together, atOnce }: TargetBudget,
  rollouts: Rollouts,
): string[] {
  const tooMany = ({ connections, over }: { connections: number; over: number }) =>
    `${connections} connections, ${over} more than the ${room} that there is room for`;
  const broken = services.filter(({ rollout }) => rollout.over > 0);
  const own: string[] = [
    ...(steady.over > 0 ? [`Without any rollout there are ${tooMany(steady)}.`] : []),
    ...broken.map((one) => `The rollout of ${one.service} makes ${tooMany(one.rollout)}. ${remedyText(one)}`),
  ];
  if (own.length > 0 || rollouts === 'alone' || together.over === 0) return own;
  const most = `Any ${atOnce} of the ${services.length} may be rolled out at the same time.`;
  return [`All rollouts at the same time make ${tooMany(together)}. ${most}`];
}

/** One target, for people. */
export function renderBudget(budget: TargetBudget, rollouts: Rollouts, paper: Page): readonly string[] {
  const { target, room, maxclients, reserve } = budget;
  const right = 'right' as const;
  const table = renderTable(
    lines(budget),
    [
      { title: 'service', text: ({ name }) => name },
      { title: 'replicas', align: right, text: ({ replicas }) => replicas, expendable: 2 },
      { title: 'each', align: right, text: ({ each }) => each, expendable: 2 },
      { title: 'steady', align: right, text: ({ steady }) => steady, expendable: 3 },
      { title: 'surge', align: right, text: ({ surge }) => surge, expendable: 3 },
      { title: 'in rollout', align: right, text: ({ connections }) => String(connections) },
      {
        title: 'of room',
        align: right,
        text: ({ connections }) => percent(connections / Math.max(1, room)),
        expendable: 1,
      },
      { title: '', text: verdict },
    ],
    paper,
  );
  const said = complaints(budget, rollouts).flatMap((text) =>
    wrap(safeText(text), paper.width).map(paper.ink.error),
  );
  return [
    paper.ink.strong(
      `${safeText(target)}: room for ${counted(room, 'connection')} (maxclients ${maxclients}, reserve ${reserve})`,
    ),
    '',
    ...table,
    '',
    ...(said.length > 0 ? [...said, ''] : []),
  ];
}

/** What is connected and not declared, in words. */
function besideText({ undeclared, strangers, nameless, servers, doctors, beside }: Comparison): string {
  const parts = [
    ...undeclared.map(({ service, connections }) => `${connections} of ${service}`),
    ...(nameless > 0 ? [`${nameless} nameless`] : []),
    ...(strangers > 0 ? [`${strangers} under names of nobody known`] : []),
    ...(servers > 0 ? [`${servers} of servers`] : []),
    ...(doctors > 0 ? [`${doctors} of doctors`] : []),
  ];
  const list = parts.length > 0 ? `: ${parts.join(', ')}` : '';
  const over = beside.over > 0 ? `, ${beside.over} too many` : '';
  return `${counted(beside.connections, 'connection')} in the reserve of ${beside.reserve}${over}${list}.`;
}

const standings = {
  steady: 'as declared',
  rollout: 'as in a rollout',
  over: 'more than declared',
} as const;

/** One server beside its target, for people. */
export function renderComparison(comparison: Comparison, paper: Page): readonly string[] {
  const right = 'right' as const;
  const table = renderTable(
    comparison.services,
    [
      { title: 'service', text: ({ service }) => service },
      { title: 'observed', align: right, text: ({ observed }) => String(observed) },
      { title: 'steady', align: right, text: ({ steady }) => String(steady) },
      { title: 'in rollout', align: right, text: ({ peak }) => String(peak), expendable: 3 },
      {
        title: 'replicas',
        align: right,
        text: ({ hosts, replicas }) => `${hosts} of ${replicas}`,
        expendable: 2,
      },
      {
        title: 'most in one',
        text: ({ most, perReplica }) => (most ? `${most.connections} of ${perReplica} (${most.host})` : '-'),
        expendable: 1,
      },
      { title: '', text: ({ standing }) => standings[standing] },
    ],
    paper,
  );
  const beside = wrap(safeText(besideText(comparison)), paper.width);
  return [
    paper.ink.strong(safeText(`${comparison.target} as it is on ${comparison.server}`)),
    '',
    ...table,
    '',
    ...(comparison.beside.over > 0 ? beside.map(paper.ink.error) : beside),
    '',
  ];
}

/** What `budget --json` prints. */
export function budgetJson(
  budgets: readonly TargetBudget[],
  comparisons: readonly Comparison[],
  { rollouts, ok }: { readonly rollouts: Rollouts; readonly ok: boolean },
  facts: RunFacts,
): object {
  return { ...document('budget', facts), rollouts, ok, targets: budgets, live: comparisons };
}
