/** Reply of a server that has reached maxclients. In a Cluster the connections of the cluster bus count too. */
const SERVER_FULL = /max number of clients( \+ cluster connections)? reached/;

/** Whether a reply is that of a full server. Takes an error, or the first bytes that came from the server. */
export function isServerFullReply(reply: unknown): boolean {
  return SERVER_FULL.test(reply instanceof Error ? reply.message : String(reply));
}

/** Whether the server runs a script, and answers every command with BUSY until the script has ended. */
export function isBusyError(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('BUSY ');
}
