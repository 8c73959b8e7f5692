import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Clock } from '../../core/clock.js';
import { HygieneError } from '../../core/errors.js';
import { formatConnectionName } from '../../identity/connection-name.js';
import { quoteReply } from '../text/safe-text.js';
import { createRespClient } from './resp-client.js';
import { createServerConnection, type ServerConnection } from './server-connection.js';
import { endpointLabel, type ServerEndpoint } from './server-endpoint.js';

/** Options of a dial. */
interface DialOptions {
  readonly clock: Clock;
  /** Limit for the connect and the TLS handshake, in milliseconds. */
  readonly timeoutMs: number;
  readonly tls: ConnectionOptions;
  /** Cancels the dial. */
  readonly signal: AbortSignal;
}

export interface OpenServerOptions extends DialOptions {
  /** How long to retry at a full server, in milliseconds. 0: no retry. */
  readonly waitMs: number;
  /** Called before each retry with the reason. */
  readonly onWaiting: (why: string) => void;
}

/** How long the first attempt listens for a refusal. On a near network the refusal arrives at once. */
const FIRST_LISTEN_MS = 10;
/** How long later attempts listen. The server has a problem, and its error message is needed. */
const RETRY_LISTEN_MS = 300;
/** Pause between two attempts, ± 20 %. Two attempts a second are no load for a full server. */
const RETRY_PAUSE_MS = 500;

/**
 * Opens the one connection for all questions to a server. A full server is retried for up to `waitMs`, and the connection
 * that was accepted is the one that is returned.
 *
 * @throws HygieneError `HYG_TARGET_FULL`, `HYG_TARGET_UNREACHABLE`, `HYG_TARGET_AUTH`, `HYG_TARGET_FOREIGN`,
 * `HYG_TARGET_REPLY`
 */
export async function openServer(
  endpoint: ServerEndpoint,
  options: OpenServerOptions,
): Promise<ServerConnection> {
  const until = options.clock.now() + options.waitMs;
  for (let attempts = 1; ; attempts += 1) {
    const result = await attempt(endpoint, options, attempts === 1 ? FIRST_LISTEN_MS : RETRY_LISTEN_MS);
    if (typeof result !== 'string') return result;
    // A server that closed the connection is retried once even without --wait: listening longer shows why it did.
    const retries = options.clock.now() < until || (result === 'closed' && attempts === 1);
    if (!retries) throw openError(endpoint, result, attempts);
    if (options.waitMs > 0) options.onWaiting(`${endpointLabel(endpoint)} is full`);
    await pause(options);
    options.signal.throwIfAborted();
  }
}

function pause({ clock }: OpenServerOptions): Promise<void> {
  const ms = RETRY_PAUSE_MS * (0.8 + 0.4 * clock.random());
  return new Promise((resolve) => void clock.afterRef(ms, resolve));
}

function openError(endpoint: ServerEndpoint, result: 'full' | 'closed', attempts: number): HygieneError {
  const target = endpointLabel(endpoint);
  if (result === 'full') {
    const count = attempts > 1 ? ` (${attempts} attempts)` : '';
    return new HygieneError('HYG_TARGET_FULL', `${target} takes no more clients${count}.`);
  }
  const cause = endpoint.tls
    ? 'a full server that speaks TLS does this'
    : 'a server that expects TLS does this';
  return new HygieneError(
    'HYG_TARGET_FOREIGN',
    `${target} closes the connection without a message: ${cause}.`,
  );
}

/** A connection that is ready, or why there is none. All other failures are thrown. */
type AttemptResult = ServerConnection | 'full' | 'closed';

const isFullMessage = (text: string) => text.includes('max number of clients');

async function attempt(
  endpoint: ServerEndpoint,
  options: OpenServerOptions,
  listenMs: number,
): Promise<AttemptResult> {
  const socket = await dial(endpoint, options);
  const greeting = await listenForGreeting(socket, listenMs, options.clock);
  if (greeting.kind === 'silent') return openConnection(socket, endpoint, options);
  socket.destroy();
  if (greeting.kind === 'closed') return 'closed';
  const message = `${endpointLabel(endpoint)} sent before any command: ${quoteReply(greeting.text)}.`;
  if (greeting.kind === 'foreign') throw new HygieneError('HYG_TARGET_FOREIGN', message);
  if (isFullMessage(greeting.text)) return 'full';
  throw new HygieneError('HYG_TARGET_REPLY', message);
}

async function openConnection(
  socket: Socket,
  endpoint: ServerEndpoint,
  options: OpenServerOptions,
): Promise<AttemptResult> {
  const client = createRespClient(socket, options.clock, options.timeoutMs);
  options.signal.addEventListener('abort', client.close, { once: true });
  const server = createServerConnection(endpoint, socket, client);
  try {
    await authenticate(server, endpoint);
    return server;
  } catch (error) {
    server.close();
    options.signal.throwIfAborted();
    if (!(error instanceof HygieneError)) throw error;
    if (isFullMessage(error.message)) return 'full'; // the refusal came late, as the reply to the first command
    if (/closed|EPIPE|ECONNRESET/i.test(error.message)) return 'closed';
    throw error;
  }
}

async function authenticate(server: ServerConnection, { username, password }: ServerEndpoint): Promise<void> {
  if (password !== undefined) {
    await server.call('AUTH', ...(username === undefined ? [] : [username]), password);
  }
  const name = formatConnectionName({ service: 'redis-hygiene', host: hostname(), role: 'doctor' });
  await server.call('CLIENT', 'SETNAME', name).catch((error: unknown) => {
    // The name is optional: a user without the right, or a server without the command, is asked all the same.
    const code = error instanceof HygieneError ? error.code : undefined;
    const isOptional = code === 'HYG_TARGET_PERMISSION' || code === 'HYG_TARGET_REPLY';
    if (!isOptional || isFullMessage(String(error))) throw error;
  });
}

/**
 * Connects a socket to a server.
 *
 * @throws HygieneError `HYG_TARGET_UNREACHABLE`
 */
async function dial(endpoint: ServerEndpoint, options: DialOptions): Promise<Socket> {
  const socket = openSocket(endpoint, options);
  const timeout = new AbortController();
  const timer = options.clock.afterRef(options.timeoutMs, () => timeout.abort());
  const signal = AbortSignal.any([timeout.signal, options.signal]);
  try {
    await once(socket, endpoint.tls ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    options.signal.throwIfAborted();
    if (timeout.signal.aborted) {
      const connection = endpoint.tls ? 'TLS connection' : 'connection';
      throw unreachableError(endpoint, `no ${connection} within ${options.timeoutMs} ms`);
    }
    const { message, code } = error as NodeJS.ErrnoException;
    throw unreachableError(endpoint, message || (code ?? 'the connection failed'), error);
  } finally {
    timer.cancel();
  }
}

function openSocket({ address, tls }: ServerEndpoint, options: DialOptions): Socket {
  if (!tls) return connect(address);
  // RFC 6066 allows no IP address as a server name. Node warns of one, and checks the certificate by the host in any case.
  const name = 'host' in address && isIP(address.host) === 0 ? { servername: address.host } : {};
  try {
    return connectTls({ ...address, ...name, ...options.tls });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HygieneError(
      'HYG_CLI_FILE',
      `TLS cannot be set up with these certificates and key: ${quoteReply(why)}.`,
      { cause },
    );
  }
}

function unreachableError(endpoint: ServerEndpoint, why: string, cause?: unknown): HygieneError {
  const message = `${endpointLabel(endpoint)} cannot be reached: ${quoteReply(why)}.`;
  return new HygieneError('HYG_TARGET_UNREACHABLE', message, { cause });
}

/** First reaction of a server to a new connection: it waits for a command, sends a line, or closes the connection. */
export type ServerGreeting =
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'foreign'; readonly text: string }
  | { readonly kind: 'closed' };

/**
 * Listens for a greeting before anything is written. A full server answers each new connection with an error and closes it,
 * and a client that writes first loses this error. (Measured: a socket that only listens received it 200 of 200 times.)
 */
export function listenForGreeting(socket: Socket, ms: number, clock: Clock): Promise<ServerGreeting> {
  return new Promise((resolve) => {
    const timer = clock.afterRef(ms, () => end({ kind: 'silent' }));
    const onData = (data: Buffer) => end(parseGreeting(data));
    const onClose = () => end({ kind: 'closed' });
    function end(greeting: ServerGreeting): void {
      timer.cancel();
      socket.off('data', onData).off('close', onClose).off('error', onClose);
      socket.pause();
      resolve(greeting);
    }
    socket.once('data', onData).once('close', onClose).once('error', onClose);
  });
}

function parseGreeting(data: Buffer): ServerGreeting {
  const text = firstLine(data);
  return text.startsWith('-') ? { kind: 'refused', text: text.slice(1) } : { kind: 'foreign', text };
}

/** The first line, in printable ASCII and at most 200 characters long, so that it may be shown. */
function firstLine(data: Buffer): string {
  const [line = ''] = data.toString('latin1').split(/\r?\n/);
  return line.replace(/[^ -~]/g, '?').slice(0, 200);
}
