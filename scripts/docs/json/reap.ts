import { protectedTable } from '../../../src/doctor/client-list/protected-rows.js';
import { proofTable } from '../../../src/doctor/reap/death-proof.js';
import { changeTable } from '../../../src/doctor/reap/run-reap.js';
import { commonShapes, head, targetFields } from './common.js';
import { count, list, oneOf, recordOf, seconds, shape, text } from './kind.js';
import type { DocumentShape, Shape } from './shape.js';

const protectedReasons = Object.keys(protectedTable);

const { target, kind, clients } = targetFields;

const ReapedTarget: Shape = {
  meaning: 'One server.',
  fields: {
    target,
    kind,
    clients,
    protected: {
      kind: recordOf([...protectedReasons, 'self'], count),
      meaning: 'Connections that would be closed, but are never closed, by reason.',
    },
    deferred: { kind: count, meaning: 'Connections beyond `--max`.' },
    kills: { kind: list(shape('Kill')), meaning: 'The plan, sorted by idle time, the longest first.' },
    unproven: {
      kind: list(shape('Unproven')),
      meaning: 'Silent connections that are left, because nothing proves that their clients are gone.',
    },
    settled: {
      kind: shape('Settled'),
      meaning: 'What the second list after `--settle` has shown.',
      missing: 'in a dry run, with `--settle 0s`, and if nothing was closed or the wait was interrupted',
    },
  },
};

const Kill: Shape = {
  meaning: 'One connection of the plan, as it was when the plan was made, and the result.',
  base: { name: 'Row', fields: commonShapes.Row.fields },
  fields: {
    proof: {
      kind: oneOf(Object.keys(proofTable)),
      meaning: 'What permits to close it: see [proofs](reap.md#what-is-closed).',
    },
    why: { kind: text, meaning: 'Why the connection is in the plan, as text.' },
    command: { kind: text, meaning: 'The command that closes the connection, for redis-cli.' },
    outcome: {
      kind: oneOf(['closed', 'skipped', 'failed']),
      meaning:
        '`skipped`: the connection had changed. `failed`: the server did not confirm that it is closed.',
      missing: 'in a dry run, and if the run did not reach the connection',
    },
    change: {
      kind: oneOf([...Object.keys(changeTable), ...protectedReasons]),
      meaning: 'How the connection had changed.',
      missing: 'unless it was skipped',
    },
  },
};

const Unproven: Shape = {
  meaning: 'One silent connection that is left.',
  base: { name: 'Row', fields: commonShapes.Row.fields },
  fields: {
    why: { kind: text, meaning: 'Why its silence proves nothing, or why there is no proof, as text.' },
  },
};

const Settled: Shape = {
  meaning: 'The server some time after connections were closed.',
  fields: {
    afterSeconds: {
      kind: seconds,
      meaning: 'Time that had passed since the last connection was closed (`--settle`).',
    },
    clients: { kind: count, meaning: 'All connections of the server.' },
    returned: {
      kind: list(shape('Returned')),
      meaning: 'New connections in the place of closed ones, the largest number first.',
    },
  },
};

const Returned: Shape = {
  meaning:
    'New connections with the name and address of closed ones: their owner runs, and has connected again.',
  fields: {
    name: { kind: text, meaning: 'Connection name; empty for unnamed connections.' },
    ip: { kind: text, meaning: 'Client end without its port.' },
    count: { kind: count, meaning: 'Number of these connections, at most as many as were closed.' },
  },
};

/** The document of `reap --json`. */
export const reapDocument: DocumentShape = {
  command: 'reap',
  meaning: 'The connections that would be closed (`dry-run`), or were closed (`run`).',
  fields: {
    ...head('reap'),
    mode: { kind: oneOf(['dry-run', 'run']), meaning: '`run` with `--yes`.' },
    planned: { kind: count, meaning: 'Connections in the plan.' },
    closed: { kind: count, meaning: 'Connections that were closed; 0 in a dry run.' },
    skipped: {
      kind: count,
      meaning: 'Connections that had changed since the plan was made, and were not closed.',
    },
    failed: {
      kind: count,
      meaning: 'Connections that the server did not close, or did not confirm to have closed.',
    },
    untouched: {
      kind: count,
      meaning: 'Connections that the run did not reach, because it was interrupted or failed.',
    },
    deferred: { kind: count, meaning: 'Connections beyond `--max`.' },
    unproven: {
      kind: count,
      meaning: 'Silent connections that are left, because nothing proves that their clients are gone.',
    },
    targets: {
      kind: list(shape('ReapedTarget')),
      meaning: 'Each server once, even if several addresses lead to it.',
    },
  },
  shapes: { ReapedTarget, Kill, Unproven, Settled, Returned, Failure: commonShapes.Failure },
};
