import { Redis as Raw, type Redis, type RedisOptions } from 'ioredis';
import type { ClientArguments } from '../../src/options/client-arguments.js';
import { afterEach, expect, test } from 'vitest';
import { loadIoredis } from '../../src/connect/ioredis/load-ioredis.js';
import { createClientFactory, type ClientFactory } from '../../src/connect/client/client-factory.js';
import { processDialLimiters } from '../../src/connect/dial/dial-limiter.js';
import { systemClock } from '../../src/core/clock.js';
import type { HygieneError } from '../../src/index.js';
import { type Budget, createBudget } from '../../src/ledger/budget.js';
import {
  createConnectionCounts,
  createCallSiteMonitor,
  type ConnectionCounts,
} from '../../src/ledger/connection-counts.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { processHealthChecks } from '../../src/liveness/health-check-scheduler.js';
import { createOrphans } from '../../src/liveness/orphans.js';
import { quietPorts } from '../support/unit/liveness/orphans-harness.js';
import { checkFactoryOptions } from '../../src/options/factory-options.js';
import { eventually } from '../support/eventually.js';
import { full } from '../support/use-budget.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();

/** Parts of a factory whose budget is one connection. */
interface Parts {
  readonly clientFactory: ClientFactory;
  readonly budget: Budget;
  readonly ledger: Ledger;
  readonly counts: ConnectionCounts;
  readonly failures: HygieneError[];
  readonly suspects: string[];
}

function createParts(): Parts {
  const { settings } = checkFactoryOptions({ limits: { connections: 1, perCallSite: 1 } });
  const [counts, failures, suspects] = [createConnectionCounts(), [] as HygieneError[], [] as string[]];
  const budget = createBudget({ limit: 1, callSiteFrames: 3, counts });
  const ledger = createLedger({
    clock: systemClock,
    onMove: () => undefined,
    budget,
    callSiteMonitor: createCallSiteMonitor(1, ({ location }) => suspects.push(location)),
  });
  const ignore = () => undefined;
  const clientFactory = createClientFactory({
    ...{
      copy: loadIoredis(),
      clock: systemClock,
      settings,
      budget,
      ledger,
      healthChecks: processHealthChecks,
    },
    identity: { service: 'orders', host: 'web-1' },
    masterGroups: { join: () => expect.unreachable('This test has no sentinels.') },
    orphans: createOrphans({ clock: systemClock, onOrphan: ignore, ...quietPorts }),
    onFailure: (error) => failures.push(error),
    ...{ assertOpen: ignore, isOpen: () => true, onStale: ignore, onStalled: ignore },
    ...{ onRecovered: ignore, onOverride: ignore, onSaturated: ignore, dialLimiters: processDialLimiters },
  });
  return { clientFactory, budget, ledger, counts, failures, suspects };
}

let clients: Redis[] = [];
afterEach(async () => {
  clients.forEach((client) => client.disconnect());
  clients = [];
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

function keep(client: Redis): Redis {
  clients.push(client.on('error', () => undefined));
  return client;
}

const address = (): RedisOptions => ({ port: redis.server.port, host: redis.server.host });

test('a client with reserved budget takes no further budget, also when it reconnects and when it dials again after its end', async () => {
  const { clientFactory, budget, ledger, counts, suspects } = createParts();
  budget.reserve({ role: 'pool', callSite: [] }, 1);
  const pooledClients = [1, 2, 3].map(() =>
    keep(clientFactory.createClient(address(), { terms: { budgetClass: 'reserved' } })),
  );
  await Promise.all(pooledClients.map((pooledClient) => pooledClient.ping()));
  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await eventually(() => expect(ledger.snapshot().map(({ dials }) => dials)).toEqual([2, 2, 2]));
  await Promise.all(pooledClients.map((pooledClient) => pooledClient.ping()));
  pooledClients[0]?.disconnect();
  await eventually(() => expect(ledger.entries()).toHaveLength(2));
  await pooledClients[0]?.connect();
  expect(ledger.entries()).toHaveLength(3);
  expect(counts.used).toBe(1);
  expect(suspects).toEqual([]);
});

test('a duplicate of a client with reserved budget has no reserved budget, nor has the next client', async () => {
  const { clientFactory, budget, counts } = createParts();
  const reservation = budget.reserve({ role: 'pool', callSite: [] }, 1);
  const pooledClient = keep(clientFactory.createClient(address(), { terms: { budgetClass: 'reserved' } }));
  expect(() => pooledClient.duplicate()).toThrow(full);
  expect(() => clientFactory.createClient(address())).toThrow(full);
  reservation.release();
  await keep(pooledClient.duplicate()).ping();
  expect(counts.used).toBe(1);
});

test('clients that are made while one with reserved budget is under construction have no reserved budget', async () => {
  const { clientFactory, budget, counts } = createParts();
  budget.reserve({ role: 'pool', callSite: [] }, 1);
  const others: Redis[] = [];
  const construct = (...[options]: ClientArguments): Redis => {
    const lazy = keep(clientFactory.createClient({ ...address(), lazyConnect: true }));
    others.push(lazy);
    const client = new Raw(options as RedisOptions);
    others.push(keep(new Raw(clientFactory.enforceOptions(address()))));
    return client;
  };
  const pooledClient = keep(
    clientFactory.createClient(address(), { terms: { budgetClass: 'reserved' }, construct }),
  );
  const outcomes = await Promise.allSettled(others.map((other) => other.ping()));
  expect(outcomes).toEqual(Array(2).fill({ status: 'rejected', reason: full }));
  expect(await pooledClient.ping()).toBe('PONG');
  expect(counts.used).toBe(1);
});

test('onFailure is called with failures of its own client, in addition to the factory’s listener', async () => {
  const { clientFactory, failures } = createParts();
  const reported: HygieneError[] = [];
  const onFailure = (error: HygieneError) => void reported.push(error);
  const nowhere: RedisOptions = { host: '127.0.0.1', port: 1, retryStrategy: () => null };
  const client = keep(clientFactory.createClient(nowhere, { terms: { budgetClass: 'reserved', onFailure } }));
  await eventually(() => expect(reported).toMatchObject([{ code: 'HYG_CONNECT_FAILED' }]));
  expect(failures).toEqual(reported);
  await client.connect().catch(() => undefined);
  expect(reported).toHaveLength(2);
  const duplicate = keep(client.duplicate());
  await eventually(() => expect(duplicate.status).toBe('end'));
  const codes = [...Array<string>(3).fill('HYG_CONNECT_FAILED'), 'HYG_GAVE_UP'];
  await eventually(() => expect(failures.map(({ code }) => code)).toEqual(codes));
  expect(reported).toHaveLength(2);
});
