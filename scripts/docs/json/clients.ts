import { groupKeys } from '../../../src/doctor/group/group-keys.js';
import { commonShapes, head, targetFields } from './common.js';
import { bytes, count, list, oneOf, ratio, seconds, shape, share, text, whole, yesNo } from './kind.js';
import type { DocumentShape, Shape } from './shape.js';

const CountedTarget: Shape = {
  meaning: 'One source of rows.',
  fields: {
    ...targetFields,
    strangers: { kind: count, meaning: 'Lines of it that are no rows; they are not counted anywhere else.' },
    truncated: { kind: yesNo, meaning: 'Whether its last row is cut short; that is not counted either.' },
  },
};

const Group: Shape = {
  meaning: 'Connections that have something in common.',
  fields: {
    key: {
      kind: text,
      meaning: 'What they have in common; empty where they have nothing there (no name, say).',
    },
    clients: { kind: count, meaning: 'How many.' },
    share: { kind: share, meaning: 'Of all that were counted.' },
    shareOfMaxclients: {
      kind: ratio,
      meaning: 'Of what all targets take together.',
      missing: 'if one of them does not tell its `maxclients`',
    },
    growth: {
      kind: whole,
      meaning: 'How many more than at the first look; below 0 for fewer.',
      missing: 'without `--sample`',
    },
    oldestSeconds: { kind: seconds, meaning: 'The age of the oldest.' },
    medianIdleSeconds: { kind: seconds, meaning: 'Half of them are idle for as long, or less.' },
    memoryBytes: {
      kind: bytes,
      meaning: 'What they cost the server.',
      missing: 'before Redis 6.2, which does not tell it',
    },
    commands: { kind: list(shape('Tally')), meaning: 'Their last commands, the most frequent first.' },
    flags: { kind: list(shape('Tally')), meaning: 'Their flags, the most frequent first.' },
    attribution: {
      kind: shape('Attribution'),
      meaning: 'Who that is.',
      missing: 'unless grouped by `owner`',
    },
  },
};

const Omitted: Shape = {
  meaning: 'What `--top` left out.',
  fields: {
    groups: { kind: count, meaning: 'Groups that are not in the document.' },
    clients: { kind: count, meaning: 'Connections in them.' },
  },
};

const { Failure, Attribution, Tally } = commonShapes;

/** What `clients --json` prints. */
export const clientsDocument: DocumentShape = {
  command: 'clients',
  meaning:
    'Connections by what they have in common, the largest group first; with `--sample` what grew most.',
  fields: {
    ...head('clients'),
    by: { kind: oneOf(groupKeys), meaning: 'What they are grouped by: `--by`.' },
    where: { kind: text, meaning: 'The filter: `--where`.', missing: 'without one' },
    sampleSeconds: {
      kind: seconds,
      meaning: 'Between the two looks: `--sample`. The figures are those of the second one.',
      missing: 'if there was one look',
    },
    targets: { kind: list(shape('CountedTarget')), meaning: 'What was asked, or read.' },
    clients: { kind: count, meaning: 'Connections that were counted: all, or those that fit the filter.' },
    groups: { kind: list(shape('Group')), meaning: 'At most `--top` of them.' },
    omitted: { kind: shape('Omitted'), meaning: 'The rest.' },
  },
  shapes: { CountedTarget, Group, Omitted, Failure, Attribution, Tally },
};
