import { afterAll, beforeAll } from 'vitest';
import { startIncident, type Incident, type Service } from './incident.js';

const START_MS = 300_000;

/** Starts an incident before the tests of this file and stops it afterwards, also when they fail. */
export function useIncident(
  services: readonly Service[],
  maxclients: number,
): Omit<Incident, keyof AsyncDisposable> {
  let started: Incident | undefined;
  beforeAll(async () => {
    started = await startIncident(services, maxclients);
  }, START_MS);
  afterAll(() => started?.[Symbol.asyncDispose](), START_MS);

  const incident = (): Incident => {
    if (!started) throw new Error('The incident has not been started yet.');
    return started;
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
