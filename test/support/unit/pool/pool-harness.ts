import { vi } from 'vitest';
import { fullJitter } from '../../../../src/core/backoff.js';
import { PoolCore, type PoolCorePorts } from '../../../../src/pool/pool-core.js';
import { checkPoolOptions, type PoolOptions } from '../../../../src/pool/pool-options.js';
import { createPool, type Pool } from '../../../../src/pool/pool.js';
import { createFakeClock, type FakeClock } from '../fake-clock.js';
import { FakeConnection, type FakeServer } from './fake-connection.js';

const BOUNDS = { baseMs: 100, capMs: 10_000 };

/** A pool over connections without sockets, and its reports. */
export interface PoolHarness {
  readonly pool: Pool;
  readonly clock: FakeClock;
  readonly server: FakeServer;
  /** All connections that were ever dialled. */
  readonly connections: FakeConnection[];
  /** The connections that have a socket now. */
  readonly openConnections: () => FakeConnection[];
  readonly onOverdue: ReturnType<typeof vi.fn<PoolCorePorts['onOverdue']>>;
  readonly onReturned: ReturnType<typeof vi.fn<PoolCorePorts['onReturned']>>;
}

export function createPoolHarness(options: PoolOptions = {}, clock = createFakeClock()): PoolHarness {
  const { settings } = checkPoolOptions(options);
  const server = { isUp: true, isAnswering: true };
  const connections: FakeConnection[] = [];
  const onOverdue = vi.fn<PoolCorePorts['onOverdue']>();
  const onReturned = vi.fn<PoolCorePorts['onReturned']>();
  const name = 'orders@web-1#pool';
  const core = new PoolCore({
    ...{ clock, name, settings, onOverdue, onReturned, bounds: BOUNDS },
    retryStrategy: (times) => fullJitter(times, BOUNDS, clock.random()),
    open(listener) {
      const connection = new FakeConnection(listener, clock, server);
      connections.push(connection);
      return connection;
    },
  });
  const facts = { name, role: 'pool', target: 'redis://localhost:6379' };
  const pool = createPool({ facts, core, closeTimeoutMs: 5_000, onClosed: () => undefined });
  const openConnections = () => connections.filter(({ isOpen }) => isOpen);
  return { pool, clock, server, connections, openConnections, onOverdue, onReturned };
}
