import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Answers that tell the client to close its connection. Only the `Connection` header is changed, and only when the head is
 * written: a header that was set before would change what Node makes of the headers that `writeHead()` is given. A request
 * that was read behind this one (pipelining) has to be answered too, and Node drops what comes after `close`.
 */

/** The parser of a connection: internal, the same in Node 18 to 26. */
interface Parser {
  /** The request whose head was read last. */
  readonly incoming?: IncomingMessage | null;
  /** The bytes that are being parsed, empty at other times. */
  getCurrentBuffer?(): Buffer | undefined;
}

/** What `writeHead()` may be given as headers: an object, `[name, value, …]` or `[[name, value], …]`. */
type Headers = Record<string, OutgoingHttpHeader> | unknown[];

const HEAD_END = '\r\n\r\n';

const told = new WeakSet<ServerResponse>();

/** How many requests were read of the bytes that a connection has read last. */
const reads = new WeakMap<Socket, { readonly bytesRead: number; readonly requests: number }>();

/** Notes a request. To be called before it is answered. */
export function noteRequest(socket: Socket): void {
  const { bytesRead } = socket;
  const last = reads.get(socket);
  const requests = last?.bytesRead === bytesRead ? last.requests + 1 : 1;
  reads.set(socket, { bytesRead, requests });
}

/** Makes an answer say `Connection: close`, unless its head is sent or a request behind it is waiting. */
export function closeAfter(response: ServerResponse): void {
  if (response.headersSent || told.has(response)) return;
  told.add(response);
  const { writeHead } = response as unknown as { writeHead: (this: unknown, ...given: unknown[]) => unknown };
  Object.defineProperty(response, 'writeHead', {
    configurable: true,
    writable: true,
    value(this: ServerResponse, ...given: unknown[]) {
      if (!isLastRequest(response.req)) return writeHead.apply(this, given);
      response.shouldKeepAlive = false;
      if (isKeepAlive(response.getHeader('connection'))) response.setHeader('connection', 'close');
      return writeHead.apply(this, given.map(replaceKeepAlive));
    },
  });
}

/** Whether no request of this connection is known to follow. */
function isLastRequest(request: IncomingMessage): boolean {
  const { parser } = request.socket as Socket & { readonly parser?: Parser | null };
  if (!parser?.incoming) return true;
  if (parser.incoming !== request) return false;
  const bytes = parser.getCurrentBuffer?.();
  return !bytes?.length || isLastOf(bytes, request);
}

/**
 * Whether the bytes that are being parsed end with this request. In doubt they do not: a connection that is not told is
 * told with its next request, or closed when it is quiet.
 */
function isLastOf(bytes: Buffer, { socket, headers }: IncomingMessage): boolean {
  let heads = 0;
  let end = 0;
  for (let at = bytes.indexOf(HEAD_END); at >= 0; at = bytes.indexOf(HEAD_END, end)) {
    heads++;
    end = at + HEAD_END.length;
  }
  const bodyLength = Number(headers['content-length'] ?? 0);
  return heads === reads.get(socket)?.requests && bytes.length - end <= bodyLength;
}

/** An argument of `writeHead()`, in which `Connection: keep-alive` has become `close`. */
function replaceKeepAlive(given: unknown): unknown {
  if (typeof given !== 'object' || given === null) return given;
  const headers = given as Headers;
  if (!Array.isArray(headers)) {
    const name = Object.keys(headers).find((key) => isConnection(key) && isKeepAlive(headers[key]));
    return name === undefined ? given : { ...headers, [name]: 'close' };
  }
  return headers.map((item: unknown, at) => {
    if (isPair(item)) return isConnection(item[0]) && isKeepAlive(item[1]) ? [item[0], 'close'] : item;
    return at % 2 === 1 && isConnection(headers[at - 1]) && isKeepAlive(item) ? 'close' : item;
  });
}

function isPair(item: unknown): item is readonly unknown[] {
  return Array.isArray(item);
}

function isConnection(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'connection';
}

function isKeepAlive(value: unknown): boolean {
  return typeof value === 'string' && value.toLowerCase() === 'keep-alive';
}
