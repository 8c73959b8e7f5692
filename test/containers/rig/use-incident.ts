import { afterAll, beforeAll } from 'vitest';
import { stageIncident, type Incident, type Service } from './incident.js';

const STAGE_MS = 300_000;

/** Stages an incident before the tests of this file, and takes it down afterwards, also when they fail. */
export function useIncident(
  services: readonly Service[],
  maxclients: number,
): Omit<Incident, keyof AsyncDisposable> {
  let staged: Incident | undefined;
  beforeAll(async () => {
    staged = await stageIncident(services, maxclients);
  }, STAGE_MS);
  afterAll(() => staged?.[Symbol.asyncDispose](), STAGE_MS);

  const incident = (): Incident => {
    if (!staged) throw new Error('The incident has not been staged yet.');
    return staged;
  };
  return {
    get redis() {
      return incident().redis;
    },
    get url() {
      return incident().url;
    },
    get services() {
      return incident().services;
    },
  };
}
