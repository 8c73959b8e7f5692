import { protectedTable } from '../../../src/doctor/client-list/protected-rows.js';
import { changeTable } from '../../../src/doctor/reap/run-reap.js';
import { commonShapes, head, targetFields } from './common.js';
import { count, list, oneOf, recordOf, shape, text } from './kind.js';
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
      meaning: 'Matching connections that are never closed, by reason.',
    },
    deferred: { kind: count, meaning: 'Matching connections beyond `--max`.' },
    kills: { kind: list(shape('Kill')), meaning: 'The plan, sorted by idle time, the longest first.' },
  },
};

const Kill: Shape = {
  meaning: 'One connection of the plan, as it was when the plan was made, and the result.',
  base: { name: 'Row', fields: commonShapes.Row.fields },
  fields: {
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
    deferred: { kind: count, meaning: 'Matching connections beyond `--max`.' },
    targets: {
      kind: list(shape('ReapedTarget')),
      meaning: 'Each server once, even if several addresses lead to it.',
    },
  },
  shapes: { ReapedTarget, Kill, Failure: commonShapes.Failure },
};
