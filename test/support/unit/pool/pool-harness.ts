import { vi } from 'vitest';
import { fullJitter } from '../../../../src/core/backoff.js';
import { type CorePorts, PoolCore } from '../../../../src/pool/pool-core.js';
import { checkPoolOptions, type PoolOptions } from '../../../../src/pool/pool-options.js';
import { createPool, type Pool } from '../../../../src/pool/pool.js';
import { createFakeClock, type FakeClock } from '../fake-clock.js';
import { FakeConnection, type FakeServer } from './fake-connection.js';

const BOUNDS = { baseMs: 100, capMs: 10_000 };

/** A pool over connections without sockets, and what it told. */
export interface PoolBench {
  readonly pool: Pool;
  readonly clock: FakeClock;
  readonly server: FakeServer;
  /** All that were ever dialled. */
  readonly connections: FakeConnection[];
  /** Those that have a socket. */
  readonly open: () => FakeConnection[];
  readonly onOverdue: ReturnType<typeof vi.fn<CorePorts['onOverdue']>>;
  readonly onReturned: ReturnType<typeof vi.fn<CorePorts['onReturned']>>;
}

export function poolBench(options: PoolOptions = {}, clock = createFakeClock()): PoolBench {
  const { settings } = checkPoolOptions(options);
  const server = { isUp: true, answers: true };
  const connections: FakeConnection[] = [];
  const [onOverdue, onReturned] = [vi.fn<CorePorts['onOverdue']>(), vi.fn<CorePorts['onReturned']>()];
  const name = 'orders@web-1#pool';
  const core = new PoolCore({
    ...{ clock, name, settings, onOverdue, onReturned, bounds: BOUNDS },
    retry: (times) => fullJitter(times, BOUNDS, clock.random()),
    open(listener) {
      const connection = new FakeConnection(listener, clock, server);
      connections.push(connection);
      return connection;
    },
  });
  const pool = createPool({ name, core, closeTimeoutMs: 5_000, onClosed: () => undefined });
  const open = () => connections.filter(({ isOpen }) => isOpen);
  return { pool, clock, server, connections, open, onOverdue, onReturned };
}
