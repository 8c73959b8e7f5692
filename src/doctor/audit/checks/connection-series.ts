import type { ClientRow } from '../../client-list/client-row.js';

/** Connections that were opened at a regular interval. */
export interface Series {
  readonly rows: readonly ClientRow[];
  /** Seconds from one connection to the next. */
  readonly periodSeconds: number;
}

/** Connections in a row with equal intervals. Three (two intervals) occur when three deployments keep the same distance. */
const MIN_SERIES_LENGTH = 4;

/**
 * The keepalive of Linux with its defaults gives up after 7200 s and 9 probes, 75 s apart. A client that reconnects at this
 * interval needs fewer repetitions to prove it.
 */
const LINUX_KEEPALIVE_SECONDS = 7200 + 9 * 75;
const MIN_LINUX_SERIES_LENGTH = 3;

/** How long a client may take to reconnect. In incident 2 it took 5 to 10 s. */
const MAX_RECONNECT_SECONDS = 30;

/** How far an interval may be from the period: inaccuracies of kernel timers and of a client that sleeps. */
const TOLERANCE = { share: 0.02, minSeconds: 1, maxSeconds: 30 };

/** The period is searched among this many of the youngest rows. */
const MAX_SEARCHED_ROWS = 100;

/** Share of the rows that must keep the period: among sixteen rows within two hours, four do so by chance. */
const MIN_SERIES_SHARE = 0.5;

/** Clients behind one address whose series can be told apart. */
const MAX_CLIENTS = 8;

/** A period must be this many times its tolerance: ages in whole seconds blur shorter ones. */
const MIN_PERIOD_IN_TOLERANCES = 10;

/**
 * Finds the interval at which most of these connections were opened. Several clients behind one address may keep it at the
 * same time.
 *
 * @param rows The youngest first.
 * @param minSeconds Shortest period that counts.
 */
export function findSeries(rows: readonly ClientRow[], minSeconds: number): Series | undefined {
  const young = rows.slice(0, MAX_SEARCHED_ROWS);
  let best: Series | undefined;
  for (const periodSeconds of candidatePeriods(young, minSeconds)) {
    const { rows: members, longestChain } = rowsInPeriod(young, periodSeconds);
    const hasMost =
      members.length >= MIN_SERIES_SHARE * young.length && members.length > (best?.rows.length ?? 0);
    if (!hasMost || longestChain < minChainLength(periodSeconds, young.length)) continue;
    if (!isMultipleOfShorterPeriod(young, periodSeconds, members.length, minSeconds)) {
      best = { rows: members, periodSeconds };
    }
  }
  return best && { ...best, rows: rowsInPeriod(rows, best.periodSeconds).rows };
}

/** The distinct intervals between rows that are at most `MAX_CLIENTS` apart in the list. */
function candidatePeriods(rows: readonly ClientRow[], minSeconds: number): ReadonlySet<number> {
  const periods = new Set<number>();
  for (let distance = 1; distance <= MAX_CLIENTS; distance += 1) {
    rows.slice(distance).forEach(({ age }, index) => periods.add(age - (rows[index] as ClientRow).age));
  }
  return new Set([...periods].filter((period) => period >= minSeconds));
}

/** The rows that have another row one period older or younger, and the length of the longest chain of such rows. */
function rowsInPeriod(
  rows: readonly ClientRow[],
  periodSeconds: number,
): { readonly rows: readonly ClientRow[]; readonly longestChain: number } {
  const olderIndexes = indexesOfOlderRows(rows, periodSeconds);
  const chainLengths = rows.map(() => 1);
  const members = new Set<number>();
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const older = olderIndexes[index];
    if (older === undefined) continue;
    chainLengths[index] = 1 + (chainLengths[older] as number);
    members.add(index).add(older);
  }
  return {
    rows: rows.filter((_, index) => members.has(index)),
    longestChain: chainLengths.reduce((longest, length) => Math.max(longest, length), 0),
  };
}

/**
 * For each row the index of a row that is one period older, if there is one that it may have replaced: nothing was sent over
 * the older one since. One pass suffices, since rows are sorted.
 */
function indexesOfOlderRows(
  rows: readonly ClientRow[],
  periodSeconds: number,
): readonly (number | undefined)[] {
  const tolerance = toleranceOf(periodSeconds);
  let next = 0;
  return rows.map(({ age }) => {
    const [min, max] = [age + periodSeconds - tolerance, age + periodSeconds + tolerance];
    while (next < rows.length && (rows[next] as ClientRow).age < min) next += 1;
    const older = rows[next];
    const isReplaced = older !== undefined && older.age <= max && older.idle >= age - MAX_RECONNECT_SECONDS;
    return isReplaced ? next : undefined;
  });
}

function toleranceOf(periodSeconds: number): number {
  const { share, minSeconds, maxSeconds } = TOLERANCE;
  return Math.min(Math.max(share * periodSeconds, minSeconds), maxSeconds);
}

/** Rows that must follow each other. The more rows there are, the longer are chains that occur by chance. */
function minChainLength(periodSeconds: number, rowCount: number): number {
  const isLinuxKeepalive =
    periodSeconds >= LINUX_KEEPALIVE_SECONDS &&
    periodSeconds <= LINUX_KEEPALIVE_SECONDS + MAX_RECONNECT_SECONDS;
  return Math.max(
    isLinuxKeepalive ? MIN_LINUX_SERIES_LENGTH : MIN_SERIES_LENGTH,
    Math.ceil(Math.sqrt(rowCount)) + 1,
  );
}

/**
 * Whether these rows also keep a shorter period, below `minSeconds`. Rows of a regular interval keep its multiples too, and
 * a period that is too short does not count.
 */
function isMultipleOfShorterPeriod(
  rows: readonly ClientRow[],
  periodSeconds: number,
  memberCount: number,
  minSeconds: number,
): boolean {
  for (let divisor = 2; divisor <= MAX_CLIENTS; divisor += 1) {
    const shorter = periodSeconds / divisor;
    const isSharp = shorter >= MIN_PERIOD_IN_TOLERANCES * toleranceOf(shorter);
    if (isSharp && shorter < minSeconds && rowsInPeriod(rows, shorter).rows.length >= memberCount)
      return true;
  }
  return false;
}
