import { describe, inject } from 'vitest';
import type { Provision } from './global-setup.js';

/**
 * Tests that need an engine, which DOCKER_HOST leads to while they run. Where there is none they are skipped, and their
 * name says why.
 */
export function containers(theme: string, define: () => void): void {
  const engine: Provision = inject('engine');
  if ('missing' in engine) {
    describe.skip(`${theme} (skipped: ${engine.missing})`, define);
    return;
  }
  const { dockerHost, host } = engine;
  if (dockerHost !== undefined) process.env['DOCKER_HOST'] = dockerHost;
  if (host !== undefined) process.env['TESTCONTAINERS_HOST_OVERRIDE'] = host;
  // Ryuk is one more image to pull; test/support/redis/docker/reaper.ts does its work.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  describe(theme, define);
}
