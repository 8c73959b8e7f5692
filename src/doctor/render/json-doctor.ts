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

/** The claim on an owner stands among the evidence; here it has the shape that it has in all documents. */
function claimJson({ owner, evidence }: Finding) {
  const { ownerSource, ownerConfidence, service, host, note, ...figures } = evidence;
  if (owner === undefined) return { evidence: figures };
  const claim = { owner, source: ownerSource, confidence: ownerConfidence, service, host, note };
  return { claim, evidence: figures };
}

function findingJson(finding: Finding) {
  const { code, severity, target, owner, summary, examples, remedy } = finding;
  return {
    ...{ code, severity, target },
    ...(owner !== undefined && { owner }),
    summary,
    ...claimJson(finding),
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
