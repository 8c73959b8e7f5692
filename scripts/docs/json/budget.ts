import { commonShapes, head } from './common.js';
import { count, list, oneOf, shape, text, yesNo } from './kind.js';
import type { DocumentShape, Shape } from './shape.js';

const Sum: Shape = {
  meaning: 'Connections beside what there is room for.',
  fields: {
    connections: { kind: count, meaning: 'How many.' },
    over: { kind: count, meaning: 'How many too many; 0 where they fit.' },
  },
};

const BudgetedTarget: Shape = {
  meaning: 'All that the services may open to one target of the file.',
  fields: {
    target: { kind: text, meaning: 'Its name in the file.' },
    maxclients: { kind: count, meaning: 'The lowest of what the file and its servers say.' },
    reserve: { kind: count, meaning: 'What is kept free of it.' },
    room: { kind: count, meaning: '`maxclients` without the reserve.' },
    steady: { kind: shape('Sum'), meaning: 'On a quiet day.' },
    services: { kind: list(shape('BudgetedService')), meaning: 'The largest first.' },
    together: { kind: shape('Sum'), meaning: 'While all services are rolled out at the same time.' },
    atOnce: { kind: count, meaning: 'How many may be rolled out at the same time, whichever they are.' },
  },
};

const BudgetedService: Shape = {
  meaning: 'One service on one target.',
  fields: {
    service: { kind: text, meaning: 'Its name in the file.' },
    replicas: { kind: count, meaning: 'As declared.' },
    perReplica: { kind: count, meaning: 'Connections of one replica, all of its processes together.' },
    steady: { kind: count, meaning: 'Its connections on a quiet day.' },
    surge: { kind: count, meaning: 'Replicas that its rollout runs beyond the others.' },
    peak: { kind: count, meaning: 'Its connections while it is rolled out.' },
    rollout: { kind: shape('Sum'), meaning: 'All services of the target while it alone is rolled out.' },
    remedy: { kind: shape('Remedy'), meaning: 'What would make its rollout fit.', missing: 'if it fits' },
  },
};

const Remedy: Shape = {
  meaning: 'Changes, each of which suffices by itself.',
  fields: {
    surge: { kind: count, meaning: 'Fewer replicas beyond the others.', missing: 'if not even 0 would do' },
    connections: {
      kind: count,
      meaning: 'Fewer connections of each process.',
      missing: 'if not even 1 would do',
    },
    maxclients: { kind: count, meaning: 'A larger limit.' },
  },
};

const Comparison: Shape = {
  meaning: 'One server beside its target.',
  fields: {
    target: { kind: text, meaning: 'The target’s name in the file.' },
    server: { kind: text, meaning: '`host:port`, or the path of a unix socket.' },
    services: { kind: list(shape('ComparedService')), meaning: 'Those that are declared.' },
    undeclared: { kind: list(shape('Undeclared')), meaning: 'Those that are connected and not declared.' },
    strangers: { kind: count, meaning: 'Connections with a name whose service is not known.' },
    nameless: { kind: count, meaning: 'Connections without a name whose service is not known.' },
    servers: { kind: count, meaning: 'Links of replicas, masters and Sentinels.' },
    doctors: { kind: count, meaning: 'Connections of redis-hygiene’s commands, this one too.' },
    beside: { kind: shape('Beside'), meaning: 'All that is not declared.' },
  },
};

const ComparedService: Shape = {
  meaning: 'One service, as it is declared and as it is.',
  fields: {
    service: { kind: text, meaning: 'Its name in the file.' },
    observed: { kind: count, meaning: 'Connections that it has.' },
    steady: { kind: count, meaning: 'Declared for a quiet day.' },
    peak: { kind: count, meaning: 'Declared for its rollout.' },
    replicas: { kind: count, meaning: 'Declared.' },
    hosts: { kind: count, meaning: 'Hosts, containers or pods that were seen.' },
    perReplica: { kind: count, meaning: 'Connections declared for one replica.' },
    most: { kind: shape('Most'), meaning: 'The replica with the most.', missing: 'if no host is known' },
    standing: {
      kind: oneOf(['steady', 'rollout', 'over']),
      meaning: '`rollout`: more than on a quiet day, as a rollout explains. `over`: more than that.',
    },
  },
};

const Most: Shape = {
  meaning: 'One replica.',
  fields: {
    host: { kind: text, meaning: 'Its host, container or pod.' },
    connections: { kind: count, meaning: 'How many it has.' },
  },
};

const Undeclared: Shape = {
  meaning: 'A service that is not in the file.',
  fields: {
    service: { kind: text, meaning: 'Its name.' },
    connections: { kind: count, meaning: 'How many it has.' },
  },
};

const Beside: Shape = {
  meaning: 'What must fit in the reserve.',
  fields: {
    connections: { kind: count, meaning: 'How many there are.' },
    reserve: { kind: count, meaning: 'How many there may be.' },
    over: { kind: count, meaning: 'How many too many; 0 where they fit.' },
  },
};

const { Failure } = commonShapes;
const planned = { BudgetedTarget, BudgetedService, Sum, Remedy };
const live = { Comparison, ComparedService, Most, Undeclared, Beside };

/** What `budget --json` prints. */
export const budgetDocument: DocumentShape = {
  command: 'budget',
  meaning: 'What a [fleet](fleet-budget.md) may open, beside what its servers take, and what they have.',
  fields: {
    ...head('budget'),
    rollouts: { kind: oneOf(['alone', 'together']), meaning: 'What must fit: `--rollouts`.' },
    ok: { kind: yesNo, meaning: 'Whether it fits, and no server has more than is declared.' },
    targets: { kind: list(shape('BudgetedTarget')), meaning: 'The targets of the file.' },
    live: { kind: list(shape('Comparison')), meaning: 'The servers of `--live`; empty without it.' },
  },
  shapes: { ...planned, ...live, Failure },
};
