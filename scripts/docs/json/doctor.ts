import { clientLibraryNames } from '../../../src/doctor/attribution/client-library.js';
import { MAX_FINDINGS_PER_CODE } from '../../../src/doctor/audit/audit.js';
import { findingCodes } from '../../../src/doctor/audit/finding-table.js';
import { MAX_EXAMPLES } from '../../../src/doctor/audit/finding.js';
import { commonShapes, head, targetFields } from './common.js';
import { figures, list, matching, oneOf, seconds, shape, text } from './kind.js';
import type { DocumentShape, Shape } from './shape.js';

const ExaminedTarget: Shape = {
  meaning: 'One server or file that was examined.',
  fields: {
    ...targetFields,
    kind: {
      kind: oneOf(['server', 'sentinel', 'list', 'sentinel-conf']),
      meaning: 'A Redis server, a Sentinel, a saved `CLIENT LIST`, or a `sentinel.conf`.',
    },
    clients: { ...targetFields.clients, missing: 'for a `sentinel.conf`' },
  },
};

const Finding: Shape = {
  meaning: 'One problem.',
  fields: {
    code: { kind: oneOf(findingCodes), meaning: 'Stable code. Each code has a page.' },
    severity: {
      kind: oneOf(['error', 'warning']),
      meaning:
        '`error`: connections are refused or leaked, or soon will be. `warning`: the condition leads there.',
    },
    target: { kind: text, meaning: 'Server or file with the problem.' },
    owner: {
      kind: text,
      meaning: 'Who holds the connections.',
      missing: 'if the finding is about the server',
    },
    summary: { kind: text, meaning: 'What was found, with the figures, as text.' },
    attribution: {
      kind: shape('Attribution'),
      meaning: 'How the owner is known.',
      missing: 'if there is no `owner`',
    },
    evidence: {
      kind: figures,
      meaning:
        'The figures. The page of the finding explains them; `connections` is the number of connections that it is about, ' +
        `\`furtherFindings\` how many findings with this code and target were left out after this one: at most ${MAX_FINDINGS_PER_CODE} are kept, the worst.`,
    },
    oldestSeconds: {
      kind: seconds,
      meaning: 'Age of the oldest of these connections.',
      missing: 'if the finding is about no connections',
    },
    libraries: {
      kind: list(oneOf(clientLibraryNames)),
      meaning:
        'Client library of these connections: one if it is known, several if any of them may be it (`--library`).',
      missing: 'if nothing is known of it',
    },
    examples: {
      kind: list(shape('Row'), MAX_EXAMPLES),
      meaning: `Some of the connections, at most ${MAX_EXAMPLES}.`,
    },
    remedy: { kind: text, meaning: 'What to do, as text.' },
    page: {
      kind: matching('^docs/findings/[a-z-]+\\.md$'),
      meaning: 'Page of the finding, in the package and in the repository.',
    },
  },
};

const { Failure, Attribution, Row } = commonShapes;

/** The document of `doctor --json`. */
export const doctorDocument: DocumentShape = {
  command: 'doctor',
  meaning: 'All findings, the worst first. A healthy server has none.',
  fields: {
    ...head('doctor'),
    sampleSeconds: {
      kind: seconds,
      meaning: 'Measured time between the two samples.',
      missing: 'without `--sample`, and if no server was asked',
    },
    targets: { kind: list(shape('ExaminedTarget')), meaning: 'The servers and files that were read.' },
    findings: { kind: list(shape('Finding')), meaning: 'Errors before warnings.' },
  },
  shapes: { ExaminedTarget, Finding, Failure, Attribution, Row },
};
