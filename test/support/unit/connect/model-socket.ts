import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** A socket of a model test, without mocks: vitest keeps every mock, and such a test makes many thousands of sockets. */
export class ModelSocket extends EventEmitter {
  connecting = true;
  destroyed = false;
  closed = false;
  readableEnded = false;
  errored: Error | null = null;
  bytesRead = 0;
  bytesWritten = 0;
  localAddress = '10.0.0.1';
  localPort: number | undefined;
  remoteAddress = '10.0.0.2';
  remotePort = 6379;

  asSocket(): Socket {
    return this as unknown as Socket;
  }

  /** The connection is up. */
  up(): void {
    if (!this.connecting || this.destroyed) return;
    this.connecting = false;
    this.localPort = 50_000;
    this.emit('connect');
  }

  setKeepAlive(): void {
    // There is no kernel.
  }

  setNoDelay(): void {
    // There is no kernel.
  }

  /** As in Node, the socket closes later: `gone()` emits it. */
  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.connecting = false;
    this.errored = error ?? null;
    return this;
  }

  /** Closes this side only. */
  end(): this {
    return this;
  }

  /** The socket closes, with an error if it broke. */
  gone(error?: Error): void {
    if (this.closed) return;
    this.destroy(error);
    this.closed = true;
    this.localPort = undefined;
    this.emit('close');
  }
}
