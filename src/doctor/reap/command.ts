import type { ClientRow } from '../client-list/row.js';

/**
 * The command that closes one connection and no other. The server ANDs its filters: the id, which is given once in each
 * run of the server; the address, should the server have been restarted; the type, so that what has become a replica
 * is not hit; and never the connection that asks. Redis 2.8.12 and later.
 */
export function killCommand({ id, addr, flags }: ClientRow): readonly string[] {
  const type = flags.includes('P') ? 'pubsub' : 'normal';
  return ['CLIENT', 'KILL', 'ID', String(id), 'ADDR', addr, 'TYPE', type, 'SKIPME', 'yes'];
}

const PLAIN = /^[\w.:/@[\]%+-]+$/;

/** A command as redis-cli takes it. */
export function formatCommand(words: readonly string[]): string {
  return words.map((word) => (PLAIN.test(word) ? word : JSON.stringify(word))).join(' ');
}
