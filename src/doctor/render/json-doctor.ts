import { numberOf } from '../audit/chart.js';
import type { Finding } from '../audit/finding.js';
import type { Examined } from '../sources/examine.js';
import { pageOf } from './findings.js';
import { rowJson } from './json-row.js';
import { document, type RunFacts } from './json.js';

function targetJson({ target, kind, now, config }: Examined) {
  const maxclients = numberOf(config, 'maxclients') ?? numberOf(now.info, 'maxclients');
  return {
    target,
    kind,
    ...(kind !== 'sentinel-conf' && { clients: now.rows.length }),
    ...(maxclients !== undefined && { maxclients }),
  };
}

function findingJson(finding: Finding) {
  const { code, severity, target, owner, claim, summary, evidence, examples, remedy } = finding;
  return {
    ...{ code, severity, target },
    ...(owner !== undefined && { owner }),
    summary,
    ...(claim && { claim }),
    evidence,
    examples: examples.map(rowJson),
    remedy,
    page: pageOf(code),
  };
}

/** What `doctor --json` prints. */
export function doctorJson(examined: readonly Examined[], findings: readonly Finding[], facts: RunFacts) {
  const [sampled] = examined.filter(({ earlier }) => earlier);
  const elapsed = sampled?.earlier && (sampled.now.at - sampled.earlier.at) / 1000;
  return {
    ...document('doctor', facts),
    ...(elapsed !== undefined && { sampleSeconds: elapsed }),
    targets: examined.map(targetJson),
    findings: findings.map(findingJson),
  };
}
