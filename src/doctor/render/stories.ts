import type { Attribution } from '../attribution/attribution.js';
import type { ClientLibrary } from '../attribution/client-library.js';
import type { Severity } from '../audit/finding-table.js';
import type { Finding } from '../audit/finding.js';
import type { ClientRow } from '../client-list/client-row.js';

/** All findings about one owner, on all servers. */
export interface Story {
  readonly owner: string;
  readonly attribution: Attribution | undefined;
  /** The highest severity of the findings. */
  readonly severity: Severity;
  /** The worst finding first. */
  readonly findings: readonly [Finding, ...Finding[]];
  /** Connections that the findings are about, each counted once. */
  readonly connections: number;
  /** Age of the oldest of these connections; `undefined` if there are none. */
  readonly oldestSeconds: number | undefined;
  /** Some of the connections. */
  readonly examples: readonly ClientRow[];
  /** Client library of the owner: one if it is known, several if any of them may be it. */
  readonly libraries: readonly ClientLibrary[];
}

/** The findings of a report: a story for each owner, and the findings about servers. */
export interface Stories {
  readonly owners: readonly Story[];
  readonly servers: readonly Finding[];
}

/**
 * Tells findings by owner, in the order of each owner's worst finding.
 *
 * @param findings the worst first
 * @param library the library that the user has named; it replaces what was detected
 */
export function tellStories(findings: readonly Finding[], library?: ClientLibrary): Stories {
  const byOwner = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    if (finding.owner === undefined) continue;
    const others = byOwner.get(finding.owner);
    if (others) others.push(finding);
    else byOwner.set(finding.owner, [finding]);
  }
  return {
    owners: [...byOwner].map(([owner, own]) => tellStory(owner, own, library)),
    servers: findings.filter(({ owner }) => owner === undefined),
  };
}

function tellStory(owner: string, findings: Story['findings'], library: ClientLibrary | undefined): Story {
  const [worst] = findings;
  const ages = findings.flatMap(({ connections }) => connections?.oldestSeconds ?? []);
  const detected = findings.map(({ connections }) => connections?.libraries ?? []);
  return {
    owner,
    attribution: worst.attribution,
    severity: findings.some(({ severity }) => severity === 'error') ? 'error' : 'warning',
    findings,
    connections: countConnections(findings),
    oldestSeconds: ages.length > 0 ? Math.max(...ages) : undefined,
    examples: worst.examples,
    libraries: library === undefined ? (detected.find(({ length }) => length > 0) ?? []) : [library],
  };
}

/**
 * Counts each connection once: on one server, findings of several codes are about the same connections, and findings of one
 * code about different ones.
 */
function countConnections(findings: readonly Finding[]): number {
  const targets = [...new Set(findings.map(({ target }) => target))];
  return targets.reduce((sum, target) => {
    const counts = new Map<string, number>();
    for (const finding of findings) {
      if (finding.target !== target) continue;
      counts.set(finding.code, (counts.get(finding.code) ?? 0) + (finding.connections?.count ?? 0));
    }
    return sum + Math.max(...counts.values());
  }, 0);
}
