import type { Finding } from '../audit/finding.js';
import type { Ranking } from '../group/ranking.js';
import type { Survey } from '../group/survey.js';
import { pageOf } from './findings.js';

/**
 * The version of the JSON that all commands print. A field that is added leaves it as it is; one that is taken away, or
 * means something else, raises it. docs/json.md describes the fields, docs/schema/ has them as JSON Schema.
 */
export const JSON_VERSION = 1;

/** The head of every document. */
export function document(schema: string, at: number) {
  return { schema: `redis-hygiene/${schema}`, version: JSON_VERSION, at: new Date(at).toISOString() };
}

/** What `clients --json` prints. */
export function clientsJson(survey: Survey, { groups, omitted }: Ranking, at: number): object {
  return {
    ...document('clients', at),
    by: survey.by,
    targets: survey.targets,
    clients: survey.clients,
    groups: groups.map(({ key, count, oldest, medianIdle, memory, ...group }) => {
      const claim = survey.claims.get(key);
      return {
        key,
        clients: count,
        oldestSeconds: oldest,
        medianIdleSeconds: medianIdle,
        memoryBytes: memory,
        ...group,
        ...(claim && { claim }),
      };
    }),
    omitted,
  };
}

/** What `doctor --json` prints. */
export function doctorJson(
  targets: readonly { readonly target: string; readonly kind: string; readonly clients: number }[],
  findings: readonly Finding[],
  at: number,
): object {
  return {
    ...document('doctor', at),
    targets,
    findings: findings.map((finding) => ({ ...finding, page: pageOf(finding.code) })),
  };
}

/** As it is printed: two blanks deep, so that people can read it too. */
export function renderJson(data: object): readonly string[] {
  return [JSON.stringify(data, null, 2)];
}
