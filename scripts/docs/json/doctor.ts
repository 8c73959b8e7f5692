import { findingCodes } from '../../../src/doctor/audit/finding-table.js';
import { commonShapes, head, targetFields } from './common.js';
import { figures, list, matching, oneOf, seconds, shape, text } from './kind.js';
import type { DocumentShape, Shape } from './shape.js';

/** @see conclude in src/doctor/audit/verdict.ts */
const MOST_EXAMPLES = 3;

const ExaminedTarget: Shape = {
  meaning: 'What was examined.',
  fields: {
    ...targetFields,
    kind: {
      kind: oneOf(['server', 'sentinel', 'list', 'sentinel-conf']),
      meaning: 'A Redis server, a Sentinel, a `CLIENT LIST` that was saved, or a `sentinel.conf`.',
    },
    clients: { ...targetFields.clients, missing: 'for a `sentinel.conf`' },
  },
};

const Finding: Shape = {
  meaning: 'One verdict.',
  fields: {
    code: { kind: oneOf(findingCodes), meaning: 'Stable; each has a page.' },
    severity: {
      kind: oneOf(['error', 'warning']),
      meaning: '`error`: connections are refused or leaked, or soon will be. `warning`: it leads there.',
    },
    target: { kind: text, meaning: 'Where it was found.' },
    owner: { kind: text, meaning: 'Who it is about.', missing: 'if it is about the server' },
    summary: { kind: text, meaning: 'For people: one sentence with the figures.' },
    attribution: {
      kind: shape('Attribution'),
      meaning: 'How the owner is known.',
      missing: 'if there is no `owner`',
    },
    evidence: {
      kind: figures,
      meaning: 'The figures, which the page of each finding explains; `connections` is how many it is about.',
    },
    examples: {
      kind: list(shape('Row'), MOST_EXAMPLES),
      meaning: `Connections that show it, ${MOST_EXAMPLES} at most.`,
    },
    remedy: { kind: text, meaning: 'For people: what to do.' },
    page: {
      kind: matching('^docs/findings/[a-z-]+\\.md$'),
      meaning: 'Its page, in the package and the repository.',
    },
  },
};

const { Failure, Attribution, Row } = commonShapes;

/** What `doctor --json` prints. */
export const doctorDocument: DocumentShape = {
  command: 'doctor',
  meaning: 'What is wrong, the worst first. A healthy server has no findings.',
  fields: {
    ...head('doctor'),
    sampleSeconds: {
      kind: seconds,
      meaning: 'Between the two looks, as measured.',
      missing: 'without `--sample`, and if no server was asked',
    },
    targets: { kind: list(shape('ExaminedTarget')), meaning: 'What was asked, or read.' },
    findings: { kind: list(shape('Finding')), meaning: 'Errors before warnings.' },
  },
  shapes: { ExaminedTarget, Finding, Failure, Attribution, Row },
};
