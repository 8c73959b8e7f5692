import type { Claim } from '../attribution/claim.js';
import type { RankedGroup, Ranking } from '../group/ranking.js';
import type { Survey, SurveyedTarget } from '../group/survey.js';
import { document, type RunFacts } from './json.js';

/** What the person who asked for a survey has asked for. */
export interface SurveyTerms {
  readonly where?: string | undefined;
  /** Milliseconds between two looks, where there were two. */
  readonly sample?: number | undefined;
}

function targetJson({ target, kind, rows, maxclients, strangers, truncated }: SurveyedTarget) {
  return {
    target,
    kind,
    clients: rows,
    ...(maxclients !== undefined && { maxclients }),
    strangers,
    truncated,
  };
}

function groupJson(group: RankedGroup, claim: Claim | undefined) {
  const { key, count, share, shareOfMaxclients, growth, oldest, medianIdle, memory, commands, flags } = group;
  return {
    key,
    clients: count,
    share,
    ...(shareOfMaxclients !== undefined && { shareOfMaxclients }),
    ...(growth !== undefined && { growth }),
    oldestSeconds: oldest,
    medianIdleSeconds: medianIdle,
    ...(memory > 0 && { memoryBytes: memory }),
    commands,
    flags,
    ...(claim && { claim }),
  };
}

/** What `clients --json` prints. */
export function clientsJson(
  survey: Survey,
  { groups, omitted }: Ranking,
  { where, sample }: SurveyTerms,
  facts: RunFacts,
) {
  return {
    ...document('clients', facts),
    by: survey.by,
    ...(where !== undefined && { where }),
    ...(sample !== undefined && { sampleSeconds: sample / 1000 }),
    targets: survey.targets.map(targetJson),
    clients: survey.clients,
    groups: groups.map((group) => groupJson(group, survey.claims.get(group.key))),
    omitted,
  };
}
