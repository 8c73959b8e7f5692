import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import type { Socket } from 'node:net';
import { HygieneError } from '../../core/errors.js';
import { formatConnectionName } from '../../identity/connection-name.js';
import { type Address, labelOf } from './address.js';
import { dial, type DialTerms } from './dial.js';
import { speakOver } from './ioredis.js';
import { quote } from './quote.js';
import { createServer, type Server } from './server.js';
import { listen } from './welcome.js';

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
type Attempt = Server | 'full' | 'closed';

const isFull = (text: string) => text.includes('max number of clients');

async function introduce(server: Server, { username, password }: Address): Promise<void> {
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

async function speak(socket: Socket, address: Address, terms: OpenTerms): Promise<Attempt> {
  const client = await meet(socket, terms);
  if (client === 'closed') return client;
  terms.signal.addEventListener('abort', () => client.disconnect(), { once: true });
  const server = createServer(address, socket, client);
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

async function attempt(address: Address, terms: OpenTerms, listenMs: number): Promise<Attempt> {
  const socket = await dial(address, terms);
  const welcome = await listen(socket, listenMs, terms.clock);
  if (welcome.kind === 'silent') return speak(socket, address, terms);
  socket.destroy();
  if (welcome.kind === 'closed') return 'closed';
  const said = `${labelOf(address)} said at once: ${quote(welcome.text)}.`;
  if (welcome.kind === 'foreign') throw new HygieneError('HYG_TARGET_FOREIGN', said);
  if (isFull(welcome.text)) return 'full';
  throw new HygieneError('HYG_TARGET_REPLY', said);
}

function pause(terms: OpenTerms): Promise<void> {
  const ms = PACE_MS * (0.8 + 0.4 * terms.clock.random());
  return new Promise((resolve) => void terms.clock.hold(ms, resolve));
}

function giveUp(address: Address, last: 'full' | 'closed', attempts: number): HygieneError {
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
export async function openServer(address: Address, terms: OpenTerms): Promise<Server> {
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
