import { groupKeys } from '../../../src/doctor/group/group-keys.js';
import { commonShapes, head, targetFields } from './common.js';
import { boolean, bytes, count, integer, list, oneOf, ratio, seconds, shape, share, text } from './kind.js';
import type { DocumentShape, Shape } from './shape.js';

const CountedTarget: Shape = {
  meaning: 'One source of rows.',
  fields: {
    ...targetFields,
    skippedLines: { kind: count, meaning: 'Lines that are not rows. They are not counted anywhere else.' },
    truncated: { kind: boolean, meaning: 'Whether the last row is incomplete. It is not counted.' },
  },
};

const Group: Shape = {
  meaning: 'Connections with the same key.',
  fields: {
    key: {
      kind: text,
      meaning: 'The common value; empty if the connections have none (no name, for example).',
    },
    clients: { kind: count, meaning: 'Connections in the group.' },
    share: { kind: share, meaning: 'Share of all counted connections.' },
    shareOfMaxclients: {
      kind: ratio,
      meaning: 'Share of the `maxclients` of all targets together.',
      missing: 'if the `maxclients` of a target is unknown, and if there are sentinels among other servers',
    },
    growth: {
      kind: integer,
      meaning: 'Change since the first sample; negative if the group has become smaller.',
      missing: 'without `--sample`',
    },
    oldestSeconds: { kind: seconds, meaning: 'Age of the oldest connection.' },
    medianIdleSeconds: { kind: seconds, meaning: 'Median idle time.' },
    memoryBytes: {
      kind: bytes,
      meaning: 'Memory of the connections on the server.',
      missing: 'before Redis 6.2',
    },
    commands: { kind: list(shape('ValueCount')), meaning: 'Last commands, the most frequent first.' },
    flags: { kind: list(shape('ValueCount')), meaning: 'Flags, the most frequent first.' },
    attribution: {
      kind: shape('Attribution'),
      meaning: 'How the owner is known.',
      missing: 'unless grouped by `owner`',
    },
  },
};

const Omitted: Shape = {
  meaning: 'Groups beyond `--top`.',
  fields: {
    groups: { kind: count, meaning: 'Groups that are not in the document.' },
    clients: { kind: count, meaning: 'Connections in these groups.' },
  },
};

const { Failure, Attribution, ValueCount } = commonShapes;

/** The document of `clients --json`. */
export const clientsDocument: DocumentShape = {
  command: 'clients',
  meaning:
    'Connections in groups, the largest group first; with `--sample` the group that has grown most first.',
  fields: {
    ...head('clients'),
    by: { kind: oneOf(groupKeys), meaning: 'Key of the groups: `--by`.' },
    where: { kind: text, meaning: 'Filter: `--where`.', missing: 'without a filter' },
    sampleSeconds: {
      kind: seconds,
      meaning: 'Time between the two samples: `--sample`. The figures are those of the second sample.',
      missing: 'without `--sample`',
    },
    targets: { kind: list(shape('CountedTarget')), meaning: 'The servers and files that were read.' },
    clients: { kind: count, meaning: 'Counted connections: all, or those that match the filter.' },
    groups: { kind: list(shape('Group')), meaning: 'The first `--top` groups.' },
    omitted: { kind: shape('Omitted'), meaning: 'The other groups.' },
  },
  shapes: { CountedTarget, Group, Omitted, Failure, Attribution, ValueCount },
};
