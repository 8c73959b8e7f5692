import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Endpoint } from './engine.js';

/** Deletes a container when this process ends, however it ends. */
export interface Reaper {
  take(containerId: string): void;
  /** Deletes the container now. If it does not exist any more, this is not an error. */
  release(): void;
}

/** Program that reads a container id from stdin and deletes the container when stdin closes. It ignores a 404. */
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
 * Creates a reaper. A container outlives the process that started it, and the reaper of testcontainers needs one more
 * image. This reaper is a second Node process, whose stdin the kernel closes when this process ends, however it ends.
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
