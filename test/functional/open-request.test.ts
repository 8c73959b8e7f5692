import { Redis as Raw, type Redis, type RedisOptions } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { ioredis } from '../../src/connect/ioredis/load-ioredis.js';
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
import { checkFactoryOptions } from '../../src/options/factory-options.js';
import { eventually } from '../support/eventually.js';
import { full } from '../support/use-budget.js';
import { useRedis } from '../support/use-redis.js';

const redis = useRedis();

/** What a pool has of a factory with one place. */
interface Parts {
  readonly opener: ClientFactory;
  readonly budget: Budget;
  readonly ledger: Ledger;
  readonly holdings: ConnectionCounts;
  readonly failures: HygieneError[];
  readonly suspects: string[];
}

function createParts(): Parts {
  const { settings } = checkFactoryOptions({ limits: { connections: 1, perCallSite: 1 } });
  const [holdings, failures, suspects] = [createConnectionCounts(), [] as HygieneError[], [] as string[]];
  const budget = createBudget({ limit: 1, callSiteFrames: 3, holdings });
  const ledger = createLedger({
    clock: systemClock,
    onMove: () => undefined,
    budget,
    suspects: createCallSiteMonitor(1, ({ site }) => suspects.push(site)),
  });
  const ignore = () => undefined;
  const opener = createClientFactory({
    ...{ copy: ioredis(), clock: systemClock, settings, budget, ledger, heartbeat: processHealthChecks },
    identity: { service: 'orders', host: 'web-1' },
    sentinels: { join: () => expect.unreachable('There are no sentinels.') },
    orphans: createOrphans({ clock: systemClock, onOrphan: ignore }),
    onFailure: (error) => failures.push(error),
    ...{ admit: ignore, isOpen: () => true, onStale: ignore, onStalled: ignore },
    ...{ onRecovered: ignore, onOverride: ignore, onSaturated: ignore, gates: processDialLimiters },
  });
  return { opener, budget, ledger, holdings, failures, suspects };
}

let clients: Redis[] = [];
afterEach(async () => {
  clients.forEach((client) => client.disconnect());
  clients = [];
  await eventually(async () => expect(await redis.rows()).toEqual([]));
});

function kept(client: Redis): Redis {
  clients.push(client.on('error', () => undefined));
  return client;
}

const address = (): RedisOptions => ({ port: redis.server.port, host: redis.server.host });

test('a covered client takes no place, also when it reconnects and when it dials again after its end', async () => {
  const { opener, budget, ledger, holdings, suspects } = createParts();
  budget.reserve({ role: 'pool', callSite: [] }, 1);
  const members = [1, 2, 3].map(() => kept(opener.client(address(), { terms: { budgetClass: 'reserved' } })));
  await Promise.all(members.map((member) => member.ping()));
  await redis.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await eventually(() => expect(ledger.snapshot().map(({ dials }) => dials)).toEqual([2, 2, 2]));
  await Promise.all(members.map((member) => member.ping()));
  members[0]?.disconnect();
  await eventually(() => expect(ledger.entries()).toHaveLength(2));
  await members[0]?.connect();
  expect(ledger.entries()).toHaveLength(3);
  expect(holdings.used).toBe(1);
  expect(suspects).toEqual([]);
});

test('what a covered client is duplicated to is not covered, nor is the next client', async () => {
  const { opener, budget, holdings } = createParts();
  const claim = budget.reserve({ role: 'pool', callSite: [] }, 1);
  const member = kept(opener.client(address(), { terms: { budgetClass: 'reserved' } }));
  expect(() => member.duplicate()).toThrow(full);
  expect(() => opener.client(address())).toThrow(full);
  claim.release();
  await kept(member.duplicate()).ping();
  expect(holdings.used).toBe(1);
});

test('clients that are made while a covered one is under construction are not covered', async () => {
  const { opener, budget, holdings } = createParts();
  budget.reserve({ role: 'pool', callSite: [] }, 1);
  const others: Redis[] = [];
  const construct = (options: RedisOptions): Redis => {
    const lazy = kept(opener.client({ ...address(), lazyConnect: true }));
    others.push(lazy);
    const client = new Raw(options);
    others.push(kept(new Raw(opener.options(address()))));
    return client;
  };
  const member = kept(opener.client(address(), { terms: { budgetClass: 'reserved' }, construct }));
  const outcomes = await Promise.allSettled(others.map((other) => other.ping()));
  expect(outcomes).toEqual(Array(2).fill({ status: 'rejected', reason: full }));
  expect(await member.ping()).toBe('PONG');
  expect(holdings.used).toBe(1);
});

test('whoever opened a client hears why it cannot connect, besides the factory, and not of others', async () => {
  const { opener, failures } = createParts();
  const heard: HygieneError[] = [];
  const onFailure = (error: HygieneError) => void heard.push(error);
  const nowhere: RedisOptions = { host: '127.0.0.1', port: 1, retryStrategy: () => null };
  const client = kept(opener.client(nowhere, { terms: { budgetClass: 'reserved', onFailure } }));
  await eventually(() => expect(heard).toMatchObject([{ code: 'HYG_CONNECT_FAILED' }]));
  expect(failures).toEqual(heard);
  await client.connect().catch(() => undefined);
  expect(heard).toHaveLength(2);
  const copy = kept(client.duplicate());
  await eventually(() => expect(copy.status).toBe('end'));
  expect(failures).toHaveLength(3);
  expect(heard).toHaveLength(2);
});
