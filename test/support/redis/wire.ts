import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { reason } from './errors.js';

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** Errors of a server that is up but not ready yet. */
const NOT_READY = /^-(LOADING|BUSY|MASTERDOWN)/m;
/** Errors of a server that is ready but refuses PING. Credentials are not checked here. */
const READY_BUT_REFUSED = /^-(NOAUTH|NOPERM)/m;
const LAST_REPLY = /(^|\n)(\+PONG|-[^\r\n]*)\r\n$/;

/** Sends PING until the server answers. @throws Error with the last reply after `timeoutMs`, or when `signal` aborts */
export async function waitUntilReady(
  address: Address,
  { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask(address, [], Math.max(1, deadline - Date.now())).catch(reason);
    if (answer.endsWith('+PONG\r\n') || READY_BUT_REFUSED.test(answer)) return;
    signal?.throwIfAborted();
    if (answer.startsWith('-') && !NOT_READY.test(answer)) throw new Error(answer.trim());
    if (Date.now() >= deadline) throw new Error(`no PONG in ${timeoutMs} ms: ${answer.trim()}`);
    await sleep(20);
  }
}

/** Fields of `INFO server`. Empty if the server refuses INFO. */
export async function serverInfo(address: Address): Promise<ReadonlyMap<string, string>> {
  const reply = await ask(address, [['INFO', 'server']], 5_000);
  const fields = reply.matchAll(/^(\w+):(.*?)\r?$/gm);
  return new Map(Array.from(fields, ([, key = '', value = '']) => [key, value]));
}

/** Version in `INFO server`. Valkey also has `redis_version`, the Redis version that it is compatible with. */
export function versionOf(info: ReadonlyMap<string, string>): string | undefined {
  return info.get('valkey_version') ?? info.get('redis_version');
}

/** Version of the server, or `unknown` if it refuses INFO. */
export async function serverVersion(address: Address): Promise<string> {
  return versionOf(await serverInfo(address)) ?? 'unknown';
}

/** Sends AUTH (if there is a password), the commands and PING on a new connection. Resolves with the raw replies. */
function ask(address: Address, commands: readonly string[][], timeoutMs: number): Promise<string> {
  const { host, port, username = 'default', password } = address;
  const login = password === undefined ? [] : [['AUTH', username, password]];
  return new Promise((resolve, reject) => {
    let replies = '';
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), timeoutMs);
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      replies += String(chunk);
      // PING was sent last, so its reply or an error instead of it is the last reply.
      if (LAST_REPLY.test(replies)) socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      if (replies) resolve(replies);
      else reject(new Error('connection closed without an answer'));
    });
    socket.write([...login, ...commands, ['PING']].map(encode).join(''));
  });
}

function encode(command: readonly string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${command.length}\r\n${parts.join('')}`;
}
