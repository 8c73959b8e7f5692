import { describe, inject } from 'vitest';
import type { ProvidedEngine } from './global-setup.js';

/**
 * Defines tests that need an engine. DOCKER_HOST names the engine while they run. Without an engine they are skipped, and
 * their name contains the reason.
 */
export function containers(theme: string, define: () => void): void {
  const engine: ProvidedEngine = inject('engine');
  if ('missing' in engine) {
    describe.skip(`${theme} (skipped: ${engine.missing})`, define);
    return;
  }
  const { dockerHost, host } = engine;
  if (dockerHost !== undefined) process.env['DOCKER_HOST'] = dockerHost;
  if (host !== undefined) process.env['TESTCONTAINERS_HOST_OVERRIDE'] = host;
  // test/support/redis/docker/reaper.ts replaces Ryuk, which would be one more image to pull.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  describe(theme, define);
}
