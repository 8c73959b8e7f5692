import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { vi } from 'vitest';

/** A socket whose events the test emits. */
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

  /** As the connector hands it on. */
  asSocket(): Socket {
    return this as unknown as Socket;
  }

  /** TCP is up, or TLS where the event says so. */
  up(localPort = 50_000, event: 'connect' | 'secureConnect' = 'connect'): void {
    this.localPort = localPort;
    this.connecting = false;
    this.emit(event);
  }

  /** It is gone, because of an error if there is one. A closed socket forgets its port. */
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
