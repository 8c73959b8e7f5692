import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Endpoint } from './engine.js';

/** Deletes one container at the latest when this process dies. */
export interface Reaper {
  take(containerId: string): void;
  /** Deletes it now; one that is gone already is no error. */
  release(): void;
}

/** Reads the id until the pipe on stdin closes, then deletes the container; a 404 does no harm. */
const PROGRAM = `
  const { request } = require('node:http');
  const endpoint = JSON.parse(process.argv[1]);
  let id = '';
  process.stdin.on('data', (chunk) => { id += chunk; });
  process.stdin.on('end', () => {
    if (id === '') return;
    const options = { ...endpoint, method: 'DELETE', path: '/containers/' + id + '?force=1&v=1' };
    request(options, (response) => response.resume()).on('error', () => process.exit(1)).end();
  });
`;

/**
 * A container outlives the process that started it, and testcontainers' own reaper needs one more image.
 * This one is a second Node whose stdin the kernel closes however this process dies.
 */
export function containerReaper(endpoint: Endpoint): Reaper {
  const child = spawn(process.execPath, ['-e', PROGRAM, JSON.stringify(endpoint)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return {
    take: (containerId) => void child.stdin.write(containerId),
    release: () => void child.stdin.end(),
  };
}
