import type { ClientRow } from '../client-list/row.js';
import { numberOf, type Chart } from './chart.js';

/** How fast connections come, and how many of them go again at once. */
export interface Turnover {
  /** Connections that came and went within the time. */
  readonly gone: number;
  /** Connections that came and are still there. */
  readonly kept: number;
  /** How long it was watched. */
  readonly seconds: number;
  /** Which ones came, of those that are still there. */
  readonly young: readonly ClientRow[];
}

/** A row to count from: old enough that its age, in whole seconds, is right to a tenth, and not of yesterday. */
const REFERENCE_AGE = { from: 10, to: 600 };

/** Between two looks that follow each other faster too little happens. */
const SHORTEST_LOOK_SECONDS = 2;

/** A row without an id, or with one that is no number of connections, tells nothing. */
function newestId(rows: readonly ClientRow[]): number {
  return rows.reduce((newest, { id }) => (Number.isSafeInteger(id) ? Math.max(newest, id) : newest), 0);
}

/** Whether it is better to count from: the oldest of the last minutes, else the youngest that is older. */
function isBetter({ age }: ClientRow, best: ClientRow | undefined): boolean {
  if (!best) return true;
  return age <= REFERENCE_AGE.to ? best.age > REFERENCE_AGE.to || age >= best.age : age <= best.age;
}

function referenceOf(rows: readonly ClientRow[]): ClientRow | undefined {
  let best: ClientRow | undefined;
  for (const row of rows) {
    const isOld = row.age >= REFERENCE_AGE.from && Number.isSafeInteger(row.id);
    if (isOld && isBetter(row, best)) best = row;
  }
  return best;
}

/**
 * Ids are given to connections only, but for modules, which take some too: then they run far ahead of the connections that
 * the server has received.
 */
function idsAreConnections({ now }: Chart): boolean {
  const received = numberOf(now.info, 'total_connections_received');
  return received === undefined || newestId(now.rows) <= 2 * received + 1000;
}

function fromOneLook(chart: Chart): Turnover | undefined {
  const { rows } = chart.now;
  const reference = referenceOf(rows);
  if (!reference || !idsAreConnections(chart)) return undefined;
  const young = rows.filter(({ id }) => id > reference.id);
  const made = newestId(rows) - reference.id;
  return { gone: made - young.length, kept: young.length, seconds: reference.age, young };
}

function fromTwoLooks({ now, earlier, elapsed }: Chart): Turnover | undefined {
  if (!earlier || elapsed < SHORTEST_LOOK_SECONDS) return undefined;
  const before = newestId(earlier.rows);
  const young = now.rows.filter(({ id }) => id > before);
  const [was, is] = [earlier, now].map(({ info }) => numberOf(info, 'total_connections_received'));
  const made = was === undefined || is === undefined ? newestId(now.rows) - before : is - was;
  return { gone: Math.max(0, made - young.length), kept: young.length, seconds: elapsed, young };
}

/** What ids and ages tell of the connections that nobody saw. Nothing where all of them are too young to count from. */
export function turnoverOf(chart: Chart): Turnover | undefined {
  return fromTwoLooks(chart) ?? fromOneLook(chart);
}
