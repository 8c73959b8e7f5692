/** A reply of a server, in version 2 of its protocol. */
export type Reply = string | number | null | ErrorReply | readonly Reply[];

/** A refusal of a server: the text behind the `-`. */
export class ErrorReply {
  constructor(readonly text: string) {}
}

/** The bytes of a server break the protocol, or a limit. */
export class ProtocolError extends Error {}

/** Receives the replies of one connection, in their order. */
export interface ReplyHandler {
  readonly onReply: (reply: Reply) => void;
  /** Called when the next reply is a text. Returns who takes its bytes as they arrive; `undefined` to have it as a reply. */
  readonly onText: () => TextReceiver | undefined;
}

/** Takes a long text in pieces, which are valid during the call. The reply to it is `''`, once the text is complete. */
export interface TextReceiver {
  readonly maxBytes: number;
  readonly write: (chunk: Uint8Array) => void;
}

/** Bytes of one reply, which may be a list. `CLUSTER NODES` of 1000 nodes has 150 KB. */
export const MAX_REPLY_BYTES = 16 * 1024 ** 2;

/** Lists in lists. Replies to the commands of the doctor have two levels. */
const MAX_DEPTH = 8;

/** A status, an error, a number or the length of something. */
const MAX_LINE_BYTES = 64 * 1024;

const NEWLINE = 0x0a;
const CRLF_BYTES = 2;
const TYPES = Buffer.from('+-:$*');

/** A list that is being read. */
interface OpenList {
  readonly items: Reply[];
  missing: number;
}

/** A text that is being read. */
interface OpenText {
  readonly write: (chunk: Uint8Array) => void;
  readonly end: () => Reply;
  missing: number;
}

/**
 * Decodes the replies of a server that may be broken or hostile: nothing is allocated because a server announces it, and
 * no reply has more bytes than its limit. A text may be passed on as it arrives, so a long one is never in memory.
 *
 * A class, because its state belongs to one connection and is changed by each chunk.
 */
export class ReplyDecoder {
  readonly #handler: ReplyHandler;
  readonly #lists: OpenList[] = [];
  #text: OpenText | undefined;
  /** The beginning of a line whose end has not arrived. */
  #line: Buffer = Buffer.alloc(0);
  /** Bytes of the present reply, except those of a text that is passed on. */
  #bytes = 0;

  constructor(handler: ReplyHandler) {
    this.#handler = handler;
  }

  /** @throws ProtocolError */
  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      at += this.#text ? this.#readText(this.#text, chunk.subarray(at)) : this.#readLine(chunk.subarray(at));
    }
  }

  /** Returns how many bytes were read. */
  #readText(text: OpenText, chunk: Buffer): number {
    const read = Math.min(text.missing, chunk.length);
    const ofText = Math.min(read, text.missing - CRLF_BYTES);
    if (ofText > 0) text.write(chunk.subarray(0, ofText));
    text.missing -= read;
    if (text.missing > 0) return read;
    this.#text = undefined;
    this.#add(text.end());
    return read;
  }

  #readLine(chunk: Buffer): number {
    if (this.#line.length === 0 && !TYPES.includes(chunk[0] as number)) throw new ProtocolError('no reply');
    const newline = chunk.indexOf(NEWLINE);
    const read = newline === -1 ? chunk.length : newline + 1;
    this.#line = Buffer.concat([this.#line, chunk.subarray(0, read)]);
    if (this.#line.length > MAX_LINE_BYTES) throw new ProtocolError('a line without an end');
    if (newline === -1) return read;
    const line = this.#line.toString().trimEnd();
    this.#count(this.#line.length);
    this.#line = Buffer.alloc(0);
    this.#interpret(line.slice(0, 1), line.slice(1));
    return read;
  }

  #interpret(type: string, content: string): void {
    if (type === '+') this.#add(content);
    else if (type === '-') this.#add(new ErrorReply(content));
    else if (type === ':') this.#add(parseNumber(content));
    else if (parseNumber(content) < 0) this.#add(null);
    else if (type === '$') this.#openText(parseNumber(content));
    else this.#openList(parseNumber(content));
  }

  #openText(length: number): void {
    const receiver = this.#lists.length === 0 ? this.#handler.onText() : undefined;
    if (receiver) {
      if (length > receiver.maxBytes) throw tooLong(receiver.maxBytes);
      this.#text = { write: receiver.write, end: () => '', missing: length + CRLF_BYTES };
      return;
    }
    this.#count(length);
    const chunks: Buffer[] = [];
    const write = (chunk: Uint8Array) => void chunks.push(Buffer.from(chunk));
    this.#text = { write, end: () => Buffer.concat(chunks).toString(), missing: length + CRLF_BYTES };
  }

  #openList(length: number): void {
    if (length === 0) this.#add([]);
    else if (this.#lists.length === MAX_DEPTH) throw new ProtocolError('too many lists in lists');
    else this.#lists.push({ items: [], missing: length });
  }

  /** Adds a value to the innermost open list. A value outside of lists, or the last one of the outermost list, is a reply. */
  #add(value: Reply): void {
    let complete = value;
    for (let list = this.#lists.at(-1); list; list = this.#lists.at(-1)) {
      list.items.push(complete);
      list.missing -= 1;
      if (list.missing > 0) return;
      complete = list.items;
      this.#lists.pop();
    }
    this.#bytes = 0;
    this.#handler.onReply(complete);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > MAX_REPLY_BYTES) throw tooLong(MAX_REPLY_BYTES);
  }
}

/** A reply is longer than its limit. */
export class OverlongReplyError extends ProtocolError {
  constructor(readonly maxBytes: number) {
    super('a reply without an end');
  }
}

const tooLong = (maxBytes: number) => new OverlongReplyError(maxBytes);

function parseNumber(text: string): number {
  if (!/^[+-]?\d{1,20}$/.test(text)) throw new ProtocolError('no number');
  return Number(text);
}
