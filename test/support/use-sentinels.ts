import { afterAll, beforeAll } from 'vitest';
import { startSentinels, type Sentinels, type SentinelsOptions } from './sentinels.js';

/** Starts a topology before the tests of this file and stops it afterwards, also when they fail. */
export function useSentinels(options: SentinelsOptions = {}): () => Sentinels {
  let topology: Sentinels | undefined;

  beforeAll(async () => {
    topology = await startSentinels(options);
  });
  afterAll(() => topology?.[Symbol.asyncDispose]());

  return () => {
    if (!topology) throw new Error('The sentinels have not been started yet.');
    return topology;
  };
}
