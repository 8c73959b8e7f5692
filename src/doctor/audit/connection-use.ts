import type { ClientRow } from '../client-list/client-row.js';
import { isSilentSinceMade, isSubscriber, pingedRole, SETTLED_SECONDS } from '../client-list/row-activity.js';

/**
 * What a connection is used for, as far as its row shows. The name plays no part, and idle time alone neither: a pool may
 * be idle all night, and a health check ends the idle time of a connection that nobody uses.
 *
 * - `unused`: nothing but the handshake and health checks since it was opened.
 * - `health-checked`: the last command was a health check. Whether there were others before is unknown.
 * - `used-once`: some commands right after it was opened, and nothing since.
 * - `open-transaction`: a transaction was begun and left open.
 * - `blocked`, `subscribed`: it waits for something, so that silence is normal.
 * - `used`: anything else, also a connection that was opened a moment ago.
 */
export type ConnectionUse =
  'unused' | 'health-checked' | 'used-once' | 'open-transaction' | 'blocked' | 'subscribed' | 'used';

/** No program takes this long between MULTI and EXEC: the commands are queued one right after the other. */
const MAX_TRANSACTION_IDLE_SECONDS = 60;

/** A connection that has done real work counts later: it may be left over from a burst and still belong to a pool. */
const USED_ONCE_MIN_AGE_SECONDS = 60;

/** Share of its life, and seconds, in which a connection was used: for a request or a job, not for as long as a pool works. */
const BRIEF_SHARE = 0.01;
const MAX_BRIEF_SECONDS = 60;

/** Commands that clients send before anybody uses them: the handshake, including the ready check of ioredis (INFO). */
const HANDSHAKE_COMMAND = /^(|null|ping|select|auth|hello|info|command|readonly|client)(\||$)/i;

/**
 * Commands of a handshake at most: HELLO, AUTH, SELECT, INFO, READONLY, SETNAME, two SETINFO, and what redis-hygiene asks
 * about the connection.
 */
const MAX_HANDSHAKE_COMMANDS = 12;

/** Seconds between two health checks at least: redis-hygiene sends one in 15 s, Redisson in 30 s, others less often. */
const MIN_HEALTH_CHECK_SECONDS = 10;

/** What a connection is used for. */
export function useOf(row: ClientRow): ConnectionUse {
  if (row.multi >= 0 || row.flags.includes('x')) {
    return row.idle >= MAX_TRANSACTION_IDLE_SECONDS ? 'open-transaction' : 'used';
  }
  if (row.flags.includes('b')) return 'blocked';
  if (isSubscriber(row)) return 'subscribed';
  if (row.age < SETTLED_SECONDS || row.flags.includes('O')) return 'used';
  if (HANDSHAKE_COMMAND.test(row.cmd)) return useWithoutCommand(row);
  return isUsedOnce(row) ? 'used-once' : 'used';
}

/** Whether a connection was opened and then left alone, or left in a transaction. */
export function isNeverUsed(use: ConnectionUse): boolean {
  return use === 'unused' || use === 'open-transaction';
}

/** The use of a connection whose last command belongs to the handshake or is a health check, or is not listed (Dragonfly). */
function useWithoutCommand(row: ClientRow): ConnectionUse {
  const sendsHealthChecks = row.cmd === 'ping' || isPingedByRuntime(row);
  if (Number.isNaN(row.totCmds)) {
    if (isSilentSinceMade(row)) return 'unused';
    return row.cmd === 'ping' ? 'health-checked' : 'used';
  }
  const healthChecks = sendsHealthChecks ? row.age / MIN_HEALTH_CHECK_SECONDS : 0;
  if (row.totCmds <= MAX_HANDSHAKE_COMMANDS + healthChecks) return 'unused';
  return isUsedOnce(row) ? 'used-once' : 'used';
}

function isUsedOnce(row: ClientRow): boolean {
  const isBrief = row.age - row.idle <= Math.min(BRIEF_SHARE * row.age, MAX_BRIEF_SECONDS);
  return row.age >= USED_ONCE_MIN_AGE_SECONDS && (isBrief || isSilentSinceMade(row));
}

/** Role whose connections wait in a pool by intention, so that many of them may do nothing for a night. */
const POOL_ROLE = 'pool';

/** Whether the name says that redis-hygiene sends PING to this connection when it is silent, and that no pool keeps it. */
export function isPingedByRuntime(row: ClientRow): boolean {
  const role = pingedRole(row);
  return role !== undefined && role !== POOL_ROLE;
}

/** Seconds within which a connection in use is used, and within which a pool tests its idle connections. */
const QUIET_SECONDS = 60;

/** Whether nobody uses a connection at present. Blocked clients and subscribers wait, which is their use. */
export function isQuiet(row: ClientRow, use: ConnectionUse): boolean {
  if (isNeverUsed(use)) return true;
  return row.idle >= QUIET_SECONDS && use !== 'blocked' && use !== 'subscribed' && !row.flags.includes('O');
}

/** Whether a connection waits without a timeout: it is subscribed, or blocked for longer than workers block at a time. */
export function isWaitingForGood(row: ClientRow, use: ConnectionUse): boolean {
  if (use !== 'blocked') return use === 'subscribed';
  return row.idle >= QUIET_SECONDS || (row.age >= SETTLED_SECONDS && isSilentSinceMade(row));
}

/** Share of connections that were opened at a second of their own, as far as there are enough seconds. */
const SEPARATE_SHARE = 0.5;

/** Seconds within which a process opens the connections that it starts with. */
const START_SECONDS = 10;

/** Whether connections were opened one by one, as by requests or jobs, and not together, as by a pool that starts. */
export function wereOpenedOneByOne(rows: readonly ClientRow[]): boolean {
  const ages = new Set<number>();
  let [youngest, oldest] = [Infinity, 0];
  for (const { age } of rows) {
    ages.add(age);
    youngest = Math.min(youngest, age);
    oldest = Math.max(oldest, age);
  }
  const seconds = oldest - youngest + 1;
  return seconds > START_SECONDS && ages.size >= SEPARATE_SHARE * Math.min(rows.length, seconds);
}
