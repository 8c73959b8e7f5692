import { describe, expect, test, vi } from 'vitest';
import { connectFailedError } from '../../../../src/connect/ioredis/connection-errors.js';
import { budgetClassOf, DEFAULT_TERMS } from '../../../../src/connect/connection/connection-terms.js';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { thrown } from '../../../support/unit/thrown.js';
import {
  createConnectionHarness,
  createOwner,
} from '../../../support/unit/connect/managed-connection-harness.js';

describe('the budget class of a connection', () => {
  const command = { ...facts, role: 'command' };
  const clusterOwner = { ...createOwner(), clusterCallSite: () => [] };

  test.each([
    ['counted', 'a client of ours', { facts: command, owner: createOwner() }, DEFAULT_TERMS],
    ['counted', 'a library’s client', { facts: command, owner: undefined }, DEFAULT_TERMS],
    ['clusterNode', 'a node of a Cluster', { facts: command, owner: clusterOwner }, DEFAULT_TERMS],
    ['exempt', 'a sentinel', { facts: { ...facts, role: 'sentinel' }, owner: createOwner() }, DEFAULT_TERMS],
    ['reserved', 'a connection of a pool', { facts, owner: createOwner() }, { budgetClass: 'reserved' }],
    ['exempt', 'a refresh of slots', { facts: command, owner: clusterOwner }, { budgetClass: 'exempt' }],
  ] as const)('is %s for %s', (budgetClass, _what, connection, terms) => {
    expect(budgetClassOf(connection, terms)).toBe(budgetClass);
  });
});

describe('a managed connection', () => {
  test('of a Cluster has the call site of the Cluster', () => {
    const { connection } = createConnectionHarness();
    connection.adopt({ ...createOwner(), clusterCallSite: () => ['open (/app/cluster.js:1:1)'] });
    connection.onDialStarted();
    expect(connection.entry?.facts).toEqual({ ...facts, callSite: ['open (/app/cluster.js:1:1)'] });
  });

  test('keeps its place in the budget while its client reconnects', () => {
    const { connection, ledger, dial } = createConnectionHarness({ limit: 1 });
    connection.adopt(createOwner());
    dial().gone();
    thrown('HYG_LIMIT_CONNECTIONS', () => ledger.open(facts, connection));
    expect(() => dial()).not.toThrow();
  });

  test('takes a new place in the budget after its client has ended', () => {
    const { connection, ledger } = createConnectionHarness({ limit: 1 });
    connection.adopt(createOwner());
    connection.onDialStarted();
    connection.onEnded();
    const other = ledger.open(facts, connection);
    thrown('HYG_LIMIT_CONNECTIONS', () => connection.onDialStarted());
    expect(connection.entry).toBeUndefined();
    other.move({ kind: 'closed', reason: 'application' });
    connection.onDialStarted();
    expect(ledger.entries()).toEqual([connection.entry]);
  });

  test('with a reserved place takes no place of its own, neither for a redial nor after its end', () => {
    const { connection, ledger, dial } = createConnectionHarness({
      limit: 1,
      terms: { budgetClass: 'reserved' },
    });
    ledger.open(facts, connection);
    connection.adopt(createOwner());
    dial().gone();
    dial();
    connection.onEnded();
    dial();
    expect(ledger.entries()).toHaveLength(2);
  });

  test('of a library is a redial after a loss, a connection of a client of ours is not', () => {
    const { connection, dial } = createConnectionHarness();
    expect(connection.isLibraryRedial).toBe(false);
    dial().gone();
    expect(connection.isLibraryRedial).toBe(true);
    connection.adopt(createOwner());
    expect(connection.isLibraryRedial).toBe(false);
  });

  test('reports its failures to the factory and to the code that opened it', () => {
    const onFailure = vi.fn();
    const { connection, listeners } = createConnectionHarness({ terms: { onFailure } });
    const failure = connectFailedError(facts, { errored: null });
    connection.report(failure);
    expect(onFailure.mock.calls).toEqual([[failure]]);
    expect(listeners.onFailure.mock.calls).toEqual([[failure]]);
  });
});
