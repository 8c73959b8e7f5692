import type { Redis } from 'ioredis';
import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Clock } from '../../core/clock.js';
import { HygieneError } from '../../core/errors.js';
import { formatConnectionName } from '../../identity/connection-name.js';
import { quoteReply } from '../text/safe-text.js';
import { createServerConnection, type ServerConnection, speakOver } from './server-connection.js';
import { type ServerEndpoint, labelOf } from './server-endpoint.js';

export interface OpenTerms extends DialTerms {
  /** How long to try again at a full server. 0: not at all. */
  readonly waitMs: number;
  /** Hears why it waits. */
  readonly onWaiting: (why: string) => void;
}

/** The first attempt listens this long for a refusal: on a network near by it comes at once. */
const GLANCE_MS = 10;
/** Later ones this long: something is wrong, and the words of the server are wanted. */
const LISTEN_MS = 300;
/** The pace at a full server: two attempts a second, give or take a fifth, are no load to it. */
const PACE_MS = 500;

/** What came of an attempt: a server, or no room. Everything else is thrown. */
type Attempt = ServerConnection | 'full' | 'closed';

const isFull = (text: string) => text.includes('max number of clients');

async function introduce(server: ServerConnection, { username, password }: ServerEndpoint): Promise<void> {
  if (password !== undefined) {
    await server.call('AUTH', ...(username === undefined ? [] : [username]), password);
  }
  const name = formatConnectionName({ service: 'redis-hygiene', host: hostname(), role: 'doctor' });
  await server.call('CLIENT', 'SETNAME', name).catch((error: unknown) => {
    // A name is a courtesy: who may not set one, or a server that knows none, is asked all the same.
    const code = error instanceof HygieneError ? error.code : undefined;
    const isCourtesy = code === 'HYG_TARGET_PERMISSION' || code === 'HYG_TARGET_REPLY';
    if (!isCourtesy || isFull(String(error))) throw error;
  });
}

/** A full server that is slow to say so hangs up on whoever has begun to speak. */
async function meet(socket: Socket, terms: OpenTerms): Promise<Redis | 'closed'> {
  try {
    return await speakOver(socket, terms.timeoutMs);
  } catch (error) {
    socket.destroy(); // nobody else has it, and it would keep the process alive
    terms.signal.throwIfAborted();
    if (error instanceof HygieneError) throw error;
    return 'closed';
  }
}

async function speak(socket: Socket, address: ServerEndpoint, terms: OpenTerms): Promise<Attempt> {
  const client = await meet(socket, terms);
  if (client === 'closed') return client;
  terms.signal.addEventListener('abort', () => client.disconnect(), { once: true });
  const server = createServerConnection(address, socket, client);
  try {
    await introduce(server, address);
    return server;
  } catch (error) {
    server.close();
    terms.signal.throwIfAborted();
    if (!(error instanceof HygieneError)) throw error;
    if (isFull(error.message)) return 'full'; // it was slow to say so, and its words came in the place of an answer
    if (/closed|EPIPE|ECONNRESET/i.test(error.message)) return 'closed';
    throw error;
  }
}

async function attempt(address: ServerEndpoint, terms: OpenTerms, listenMs: number): Promise<Attempt> {
  const socket = await dial(address, terms);
  const welcome = await listen(socket, listenMs, terms.clock);
  if (welcome.kind === 'silent') return speak(socket, address, terms);
  socket.destroy();
  if (welcome.kind === 'closed') return 'closed';
  const said = `${labelOf(address)} said at once: ${quoteReply(welcome.text)}.`;
  if (welcome.kind === 'foreign') throw new HygieneError('HYG_TARGET_FOREIGN', said);
  if (isFull(welcome.text)) return 'full';
  throw new HygieneError('HYG_TARGET_REPLY', said);
}

function pause(terms: OpenTerms): Promise<void> {
  const ms = PACE_MS * (0.8 + 0.4 * terms.clock.random());
  return new Promise((resolve) => void terms.clock.hold(ms, resolve));
}

function giveUp(address: ServerEndpoint, last: 'full' | 'closed', attempts: number): HygieneError {
  const target = labelOf(address);
  if (last === 'full') {
    const tried = attempts > 1 ? ` (${attempts} attempts)` : '';
    return new HygieneError('HYG_TARGET_FULL', `${target} takes no more clients${tried}.`);
  }
  const may = address.tls ? 'a full server that speaks TLS does so' : 'a server that wants TLS does so';
  return new HygieneError('HYG_TARGET_FOREIGN', `${target} hangs up without a word: ${may}.`);
}

/**
 * Opens the one connection over which a server is asked. At a full server it tries again, politely, for `waitMs`, and
 * works in the very connection that got in.
 *
 * @throws HygieneError `HYG_TARGET_FULL`, `HYG_TARGET_UNREACHABLE`, `HYG_TARGET_AUTH`, `HYG_TARGET_FOREIGN`,
 * `HYG_TARGET_REPLY`
 */
export async function openServer(address: ServerEndpoint, terms: OpenTerms): Promise<ServerConnection> {
  const until = terms.clock.now() + terms.waitMs;
  for (let attempts = 1; ; attempts += 1) {
    const result = await attempt(address, terms, attempts === 1 ? GLANCE_MS : LISTEN_MS);
    if (typeof result !== 'string') return result;
    // Why it hung up is heard by listening longer, once, also where nobody wants to wait.
    const goesOn = terms.clock.now() < until || (result === 'closed' && attempts === 1);
    if (!goesOn) throw giveUp(address, result, attempts);
    if (terms.waitMs > 0) terms.onWaiting(`${labelOf(address)} is full`);
    await pause(terms);
    terms.signal.throwIfAborted();
  }
}

/** What a dial needs besides the address. */
interface DialTerms {
  readonly clock: Clock;
  /** Bounds the connection and the TLS handshake. */
  readonly timeoutMs: number;
  readonly tls: ConnectionOptions;
  /** Ends it before that. */
  readonly signal: AbortSignal;
}

function open({ place, tls }: ServerEndpoint, terms: DialTerms): Socket {
  if (!tls) return connect(place);
  // An IP address is no server name (RFC 6066): Node warns of one, and checks the certificate by the host all the same.
  const name = 'host' in place && isIP(place.host) === 0 ? { servername: place.host } : {};
  try {
    return connectTls({ ...place, ...name, ...terms.tls });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HygieneError('HYG_CLI_FILE', `No TLS with these certificates and key: ${quoteReply(why)}.`, {
      cause,
    });
  }
}

function unreachable(address: ServerEndpoint, why: string, cause?: unknown): HygieneError {
  return new HygieneError(
    'HYG_TARGET_UNREACHABLE',
    `${labelOf(address)} cannot be reached: ${quoteReply(why)}.`,
    {
      cause,
    },
  );
}

/**
 * Connects to a server.
 *
 * @throws HygieneError `HYG_TARGET_UNREACHABLE`
 */
async function dial(address: ServerEndpoint, terms: DialTerms): Promise<Socket> {
  const socket = open(address, terms);
  const limit = new AbortController();
  const timer = terms.clock.hold(terms.timeoutMs, () => limit.abort());
  const signal = AbortSignal.any([limit.signal, terms.signal]);
  try {
    await once(socket, address.tls ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    terms.signal.throwIfAborted();
    if (limit.signal.aborted) {
      const what = address.tls ? 'TLS connection' : 'connection';
      throw unreachable(address, `no ${what} within ${terms.timeoutMs} ms`);
    }
    const { message, code } = error as NodeJS.ErrnoException;
    throw unreachable(address, message || (code ?? 'the connection failed'), error);
  } finally {
    timer.cancel();
  }
}

/** How a server receives a new connection: it lets it be, or says something first, or hangs up without a word. */
export type ServerGreeting =
  | { readonly kind: 'silent' }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'foreign'; readonly text: string }
  | { readonly kind: 'closed' };

/** The first line, so short and so plain that it may be shown. */
function firstLine(data: Buffer): string {
  const [line = ''] = data.toString('latin1').split(/\r?\n/);
  return line.replace(/[^ -~]/g, '?').slice(0, 200);
}

function greeting(data: Buffer): ServerGreeting {
  const text = firstLine(data);
  return text.startsWith('-') ? { kind: 'refused', text: text.slice(1) } : { kind: 'foreign', text };
}

/**
 * Listens, before anything is written, for what a server has to say: a full one answers each new connection
 * with an error and hangs up, and who writes first loses its words (measured: a socket that only listens saw
 * them 200 of 200 times).
 */
export function listen(socket: Socket, ms: number, clock: Clock): Promise<ServerGreeting> {
  return new Promise((resolve) => {
    const timer = clock.hold(ms, () => end({ kind: 'silent' }));
    const onData = (data: Buffer) => end(greeting(data));
    const onClose = () => end({ kind: 'closed' });
    function end(welcome: ServerGreeting): void {
      timer.cancel();
      socket.off('data', onData).off('close', onClose).off('error', onClose);
      socket.pause();
      resolve(welcome);
    }
    socket.once('data', onData).once('close', onClose).once('error', onClose);
  });
}
