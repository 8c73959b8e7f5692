import { commonShapes, head } from './common.js';
import { boolean, count, list, oneOf, shape, text } from './kind.js';
import type { DocumentShape, Shape } from './shape.js';

const Sum: Shape = {
  meaning: 'A number of connections, compared with the room for them.',
  fields: {
    connections: { kind: count, meaning: 'Number of connections.' },
    over: { kind: count, meaning: 'Connections beyond the room; 0 if they fit.' },
  },
};

const BudgetedTarget: Shape = {
  meaning: 'Connections that the services may open to one target of the file.',
  fields: {
    target: { kind: text, meaning: 'Name of the target in the file.' },
    maxclients: { kind: count, meaning: 'Lowest of the limits in the file and on its servers.' },
    reserve: { kind: count, meaning: 'Connections kept free.' },
    room: { kind: count, meaning: '`maxclients` minus the reserve.' },
    steady: { kind: shape('Sum'), meaning: 'Connections outside of any rollout.' },
    services: { kind: list(shape('BudgetedService')), meaning: 'Services of the target, the largest first.' },
    together: {
      kind: shape('Sum'),
      meaning: 'Connections while all services are rolled out at the same time.',
    },
    atOnce: {
      kind: count,
      meaning: 'Number of services that may be rolled out at the same time, whichever they are.',
    },
  },
};

const BudgetedService: Shape = {
  meaning: 'One service on one target.',
  fields: {
    service: { kind: text, meaning: 'Name of the service in the file.' },
    replicas: { kind: count, meaning: 'Declared replicas.' },
    perReplica: { kind: count, meaning: 'Connections of one replica, all of its processes together.' },
    steady: { kind: count, meaning: 'Connections outside of a rollout.' },
    surge: { kind: count, meaning: 'Additional replicas during its rollout.' },
    peak: { kind: count, meaning: 'Its connections during its rollout.' },
    rollout: {
      kind: shape('Sum'),
      meaning: 'Connections of all services of the target while only this one is rolled out.',
    },
    remedy: {
      kind: shape('Remedy'),
      meaning: 'Changes that make its rollout fit.',
      missing: 'if the rollout fits',
    },
  },
};

const Remedy: Shape = {
  meaning: 'Changes that make a rollout fit, each sufficient by itself.',
  fields: {
    surge: { kind: count, meaning: 'Fewer additional replicas.', missing: 'if even 0 would not fit' },
    connections: {
      kind: count,
      meaning: 'Fewer connections in each process.',
      missing: 'if even 1 would not fit',
    },
    maxclients: { kind: count, meaning: 'A larger limit.' },
  },
};

const Comparison: Shape = {
  meaning: 'One server, compared with its target in the file.',
  fields: {
    target: { kind: text, meaning: 'Name of the target in the file.' },
    server: { kind: text, meaning: '`host:port`, or the path of a unix socket.' },
    services: { kind: list(shape('ComparedService')), meaning: 'The declared services.' },
    undeclared: {
      kind: list(shape('Undeclared')),
      meaning: 'Connected services that are not declared, the largest first.',
    },
    unrecognized: { kind: count, meaning: 'Connections with a name whose service is unknown.' },
    unnamed: { kind: count, meaning: 'Connections without a name whose service is unknown.' },
    servers: { kind: count, meaning: 'Connections of replicas, masters and Sentinels.' },
    commands: { kind: count, meaning: 'Connections of redis-hygiene’s commands, including this one.' },
    reserveUse: { kind: shape('ReserveUse'), meaning: 'All connections that are not declared.' },
  },
};

const ComparedService: Shape = {
  meaning: 'One service as declared and as observed.',
  fields: {
    service: { kind: text, meaning: 'Name of the service in the file.' },
    observed: { kind: count, meaning: 'Connections on the server.' },
    steady: { kind: count, meaning: 'Connections declared outside of a rollout.' },
    peak: { kind: count, meaning: 'Connections declared during its rollout.' },
    replicas: { kind: count, meaning: 'Declared replicas.' },
    hosts: { kind: count, meaning: 'Observed hosts, containers or pods.' },
    perReplica: { kind: count, meaning: 'Connections declared for one replica.' },
    largestReplica: {
      kind: shape('Replica'),
      meaning: 'The replica with the most connections.',
      missing: 'if no host is known',
    },
    status: {
      kind: oneOf(['steady', 'rollout', 'over']),
      meaning:
        '`steady`: as declared. `rollout`: more than that, but no more than a rollout explains. `over`: more than declared.',
    },
  },
};

const Replica: Shape = {
  meaning: 'One observed replica.',
  fields: {
    host: { kind: text, meaning: 'Host, container or pod.' },
    connections: { kind: count, meaning: 'Its connections.' },
  },
};

const Undeclared: Shape = {
  meaning: 'A service that is not in the file.',
  fields: {
    service: { kind: text, meaning: 'Name of the service.' },
    connections: { kind: count, meaning: 'Its connections.' },
  },
};

const ReserveUse: Shape = {
  meaning: 'Connections that must fit into the reserve.',
  fields: {
    connections: { kind: count, meaning: 'Number of connections.' },
    reserve: { kind: count, meaning: 'Size of the reserve.' },
    over: { kind: count, meaning: 'Connections beyond the reserve; 0 if they fit.' },
  },
};

const { Failure } = commonShapes;
const plannedShapes = { BudgetedTarget, BudgetedService, Sum, Remedy };
const liveShapes = { Comparison, ComparedService, Replica, Undeclared, ReserveUse };

/** The document of `budget --json`. */
export const budgetDocument: DocumentShape = {
  command: 'budget',
  meaning:
    'The connections that a [fleet](fleet-budget.md) may open, compared with the limits of its servers and with their present connections.',
  fields: {
    ...head('budget'),
    rollouts: { kind: oneOf(['alone', 'together']), meaning: 'Which rollouts must fit: `--rollouts`.' },
    ok: {
      kind: boolean,
      meaning: 'Whether all connections fit, and no server has more than declared.',
    },
    targets: { kind: list(shape('BudgetedTarget')), meaning: 'The targets of the file.' },
    live: { kind: list(shape('Comparison')), meaning: 'The servers of `--live`; empty without it.' },
  },
  shapes: { ...plannedShapes, ...liveShapes, Failure },
};
