import type { ClientRow } from '../../client-list/client-row.js';
import { counted, formatSeconds, percent } from '../../text/quantities.js';
import type { AuditContext, Check } from '../audit-context.js';
import { createFinding, type Finding } from '../finding.js';
import { type ConnectionHolder, holdersOf } from '../connection-holders.js';
import { isStream, turnoverOf } from './connection-churn.js';

/** Fewer connections are dialled again without anybody noticing. */
const LEAST = 50;

/** So many of all connections at once. */
const SHARE = 0.5;

/** One service that restarts is no storm. */
const LEAST_OWNERS = 5;

/** Nor is a fleet in which one owner has most of them. */
const LARGEST_SHARE = 0.5;

/** What was dialled in this time was dialled together: the longest backoff of ioredis is 2 s, of redis-hygiene 10 s. */
const TOGETHER_SECONDS = 30;

/** A server that has just been started has young connections only. */
const UP_SECONDS = 600;

function isStorm(
  many: readonly ClientRow[],
  all: readonly ClientRow[],
  owners: readonly ConnectionHolder[],
): boolean {
  const largest = owners[0]?.rows.length ?? 0;
  return (
    many.length >= LEAST &&
    many.length >= SHARE * all.length &&
    owners.length >= LEAST_OWNERS &&
    largest <= LARGEST_SHARE * many.length
  );
}

/** Connections that had settled, and are gone at the second look, while their owners have new ones. */
function seenTwice({ clients, earlierClients, ownerOf }: AuditContext) {
  const settled = earlierClients.filter(({ age }) => age >= TOGETHER_SECONDS);
  const [here, before] = [clients, earlierClients].map((rows) => new Set(rows.map(({ id }) => id)));
  const back = new Set(clients.filter(({ id }) => !before?.has(id)).map((row) => ownerOf(row).owner));
  const lost = settled.filter((row) => !here?.has(row.id) && back.has(ownerOf(row).owner));
  return { many: lost, all: settled };
}

function seenOnce({ clients, uptime }: AuditContext) {
  const young = clients.filter(({ age }) => age < TOGETHER_SECONDS);
  return { many: uptime >= UP_SECONDS ? young : [], all: clients };
}

function find(chart: AuditContext, { many, all }: ReturnType<typeof seenOnce>, what: string): Finding[] {
  const owners = holdersOf(many, chart.ownerOf);
  if (!isStorm(many, all, owners)) return [];
  const summary = `${counted(many.length, 'connection')} of ${counted(owners.length, 'owner')}, ${percent(many.length / all.length)} of all, ${what}.`;
  const evidence = { owners: owners.length, of: all.length };
  return [createFinding('reconnect-storm', chart, { summary, evidence, rows: many })];
}

/** Most of the connections, of many owners, were made anew at the same time, on a server that has been up for longer. */
export const reconnectStorm: Check = (chart) => {
  const turnover = turnoverOf(chart);
  // Where connections last for one request, most of them are always young.
  if (turnover && isStream(turnover)) return [];
  const within = formatSeconds(TOGETHER_SECONDS);
  const once = find(chart, seenOnce(chart), `are younger than ${within}, and the server is not`);
  const between = `were lost within ${formatSeconds(chart.elapsed)}, and dialled again`;
  return chart.earlier && once.length === 0 ? find(chart, seenTwice(chart), between) : once;
};
