import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { vi } from 'vitest';

/** A socket whose events are emitted by the test. */
export class FakeSocket extends EventEmitter {
  localPort: number | undefined;
  connecting = true;
  destroyed = false;
  errored: Error | null = null;
  bytesRead = 0;
  bytesWritten = 0;
  /** Whether the server has closed its side. */
  readableEnded = false;
  closed = false;
  localAddress = '127.0.0.1';
  remoteAddress = '127.0.0.1';
  remotePort = 6379;
  readonly setKeepAlive = vi.fn();
  readonly end = vi.fn();
  readonly destroy = vi.fn();

  /** This socket with the type that the connector passes on. */
  asSocket(): Socket {
    return this as unknown as Socket;
  }

  /** Emits that TCP is up, or TLS with `secureConnect`. */
  up(localPort = 50_000, event: 'connect' | 'secureConnect' = 'connect'): void {
    this.localPort = localPort;
    this.connecting = false;
    this.emit(event);
  }

  /** Closes the socket, with an error if one is given. A closed socket forgets its port. */
  gone(error?: Error): void {
    this.errored = error ?? null;
    this.localPort = undefined;
    this.destroyed = this.closed = true;
    this.emit('close');
  }
}

export class FakeTlsSocket extends FakeSocket {
  readonly encrypted = true;
}
