import { describe, expect, test, vi } from 'vitest';
import { dialFailure } from '../../../../src/connect/ioredis/connection-errors.js';
import { budgetClassOf, DEFAULT_TERMS } from '../../../../src/connect/connection/connection-terms.js';
import { facts } from '../../../support/unit/ledger/fake-handle.js';
import { thrown } from '../../../support/unit/thrown.js';
import { createLinkBench, createOwner } from '../../../support/unit/connect/managed-connection-harness.js';

describe('a connection stands for', () => {
  const command = { ...facts, role: 'command' };
  const member = { ...createOwner(), clusterCallSite: () => [] };

  test.each([
    ['counted', 'a client', { facts: command, owner: createOwner() }, DEFAULT_TERMS],
    ['counted', 'a library’s client', { facts: command, owner: undefined }, DEFAULT_TERMS],
    ['clusterNode', 'a node of a Cluster', { facts: command, owner: member }, DEFAULT_TERMS],
    ['exempt', 'a sentinel', { facts: { ...facts, role: 'sentinel' }, owner: createOwner() }, DEFAULT_TERMS],
    ['reserved', 'a pool', { facts, owner: createOwner() }, { budgetClass: 'reserved' }],
    ['exempt', 'a question of a Cluster', { facts: command, owner: member }, { budgetClass: 'exempt' }],
  ] as const)('%s: %s', (standing, _what, link, terms) => {
    expect(budgetClassOf(link, terms)).toBe(standing);
  });
});

describe('a link', () => {
  test('of a Cluster has the call site of the Cluster', () => {
    const { link } = createLinkBench();
    link.adopt({ ...createOwner(), clusterCallSite: () => ['open (/app/cluster.js:1:1)'] });
    link.dialling();
    expect(link.entry?.facts).toEqual({ ...facts, callSite: ['open (/app/cluster.js:1:1)'] });
  });

  test('keeps its place while its client reconnects', () => {
    const { link, ledger, dial } = createLinkBench({ limit: 1 });
    link.adopt(createOwner());
    dial().gone();
    thrown('HYG_LIMIT_CONNECTIONS', () => ledger.open(facts, link));
    expect(() => dial()).not.toThrow();
  });

  test('takes a place anew after its client has ended', () => {
    const { link, ledger } = createLinkBench({ limit: 1 });
    link.adopt(createOwner());
    link.dialling();
    link.ended();
    const other = ledger.open(facts, link);
    thrown('HYG_LIMIT_CONNECTIONS', () => link.dialling());
    expect(link.entry).toBeUndefined();
    other.move({ kind: 'closed', reason: 'application' });
    link.dialling();
    expect(ledger.entries()).toEqual([link.entry]);
  });

  test('that is covered needs no place, for its redials and after its end neither', () => {
    const { link, ledger, dial } = createLinkBench({ limit: 1, terms: { budgetClass: 'reserved' } });
    ledger.open(facts, link);
    link.adopt(createOwner());
    dial().gone();
    dial();
    link.ended();
    dial();
    expect(ledger.entries()).toHaveLength(2);
  });

  test('returns, if it is a library’s, after a loss; a client of ours is told by its status', () => {
    const { link, dial } = createLinkBench();
    expect(link.isReturning).toBe(false);
    dial().gone();
    expect(link.isReturning).toBe(true);
    link.adopt(createOwner());
    expect(link.isReturning).toBe(false);
  });

  test('tells its failures to the factory, and to whoever opened it', () => {
    const onFailure = vi.fn();
    const { link, told } = createLinkBench({ terms: { onFailure } });
    const failure = dialFailure(facts, { errored: null });
    link.report(failure);
    expect(onFailure.mock.calls).toEqual([[failure]]);
    expect(told.onFailure.mock.calls).toEqual([[failure]]);
  });
});
