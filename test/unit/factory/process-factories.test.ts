import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createFactoryRegistry, type ObservedFactory } from '../../../src/factory/process-factories.js';
import { eventually } from '../../support/eventually.js';
import { createFakeClock } from '../../support/unit/fake-clock.js';
import { createRoomyLedger } from '../../support/unit/ledger/roomy-ledger.js';

function createObserved(): ObservedFactory {
  const ledger = createRoomyLedger({ clock: createFakeClock(), onMove: () => undefined });
  return { ledger, pools: () => [], orphans: () => [], isOpen: () => true } as unknown as ObservedFactory;
}

/** The garbage collector, which programs cannot reach without a flag. */
function exposeGc(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

test('a factory is known while its ledger lives, and forgotten with it', async () => {
  const collectGarbage = exposeGc();
  const registry = createFactoryRegistry();
  const kept = createObserved();
  registry.add(kept);
  const fill = () => {
    for (let count = 0; count < 100; count += 1) registry.add(createObserved());
  };
  fill();
  await eventually(() => {
    collectGarbage();
    expect(registry.all().length).toBe(1); // an error with the factories themselves would keep them
  });
  expect(registry.all()).toEqual([kept]);
});
