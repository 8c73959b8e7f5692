import { protectedTable } from '../../../src/doctor/client-list/protected-rows.js';
import { changeTable } from '../../../src/doctor/reap/run-reap.js';
import { commonShapes, head, targetFields } from './common.js';
import { byWord, count, list, oneOf, shape, text } from './kind.js';
import type { DocumentShape, Shape } from './shape.js';

const reasons = Object.keys(protectedTable);

const { target, kind, clients } = targetFields;

const ReapedTarget: Shape = {
  meaning: 'One server.',
  fields: {
    target,
    kind,
    clients,
    neverClosed: {
      kind: byWord([...reasons, 'self'], count),
      meaning: 'Connections that were named and are never closed, by the reason.',
    },
    left: { kind: count, meaning: 'Connections that were named, beyond `--max`.' },
    kills: { kind: list(shape('Kill')), meaning: 'The plan, the longest silent first.' },
  },
};

const Kill: Shape = {
  meaning: 'One connection of the plan, as it was when the plan was made, and what became of it.',
  basis: { name: 'Row', fields: commonShapes.Row.fields },
  fields: {
    why: { kind: text, meaning: 'For people: why it is in the plan.' },
    command: { kind: text, meaning: 'What is sent, as redis-cli takes it.' },
    outcome: {
      kind: oneOf(['closed', 'spared', 'failed']),
      meaning: '`spared`: it had changed. `failed`: the server did not say that it closed it.',
      missing: 'in a dry run, and if the run did not come to it',
    },
    change: {
      kind: oneOf([...Object.keys(changeTable), ...reasons]),
      meaning: 'What had changed.',
      missing: 'unless it was spared',
    },
  },
};

/** What `reap --json` prints. */
export const reapDocument: DocumentShape = {
  command: 'reap',
  meaning: 'What would be closed (`dry-run`), or was (`run`).',
  fields: {
    ...head('reap'),
    mode: { kind: oneOf(['dry-run', 'run']), meaning: '`run` with `--yes`.' },
    planned: { kind: count, meaning: 'Connections of the plan.' },
    closed: { kind: count, meaning: 'Those that were closed; 0 in a dry run.' },
    spared: { kind: count, meaning: 'Those that had changed since, and were left alone.' },
    failed: { kind: count, meaning: 'Those that the server did not close, or did not say so.' },
    untouched: { kind: count, meaning: 'Those that the run did not come to: it was interrupted, or failed.' },
    left: { kind: count, meaning: 'Connections that were named, beyond `--max`.' },
    targets: { kind: list(shape('ReapedTarget')), meaning: 'Each server once, whatever it is called.' },
  },
  shapes: { ReapedTarget, Kill, Failure: commonShapes.Failure },
};
