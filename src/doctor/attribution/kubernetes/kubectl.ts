import { execFile } from 'node:child_process';
import { readPods, sourceError, strange } from './read.js';
import type { Pod } from './pod.js';

/** How `kubectl` is run. */
export interface KubectlOptions {
  readonly timeoutMs: number;
  /** With its PATH `kubectl` is found, with its KUBECONFIG the cluster. */
  readonly env: NodeJS.ProcessEnv;
}

const PROGRAM = 'kubectl';
const ARGS = ['get', 'pods', '--all-namespaces', '--output', 'json'];
/** A pod takes some 5 to 20 KB; a text of more than 512 MB cannot be held by Node. */
const MAX_BYTES = 400 * 2 ** 20;

/**
 * Asks `kubectl` for all pods of its current cluster.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export function podsFromKubectl({ timeoutMs, env }: KubectlOptions): Promise<readonly Pod[]> {
  return new Promise((resolve, reject) => {
    const settings = { timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES, env } as const;
    const child = execFile(PROGRAM, ARGS, settings, (error, stdout, stderr) => {
      if (error) return reject(failure(error, stderr, timeoutMs));
      const pods = readPods(stdout);
      if (pods) resolve(pods);
      else reject(sourceError(`What kubectl printed ${strange(stdout)}`));
    });
    // It asks for a user name and a password where its configuration has none.
    child.stdin?.end();
  });
}

interface ExecError extends Error {
  readonly code?: string | number | null;
  readonly killed?: boolean;
}

function failure(error: ExecError, stderr: string, timeoutMs: number): Error {
  const said = lastLine(stderr);
  const details = { code: error.code ?? null, said };
  if (error.code === 'ENOENT') {
    return sourceError(
      'There is no kubectl on the PATH. Install it, or give a file with its output.',
      details,
    );
  }
  if (error.code === 'EACCES')
    return sourceError('kubectl on the PATH may not be run by this user.', details);
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return sourceError(`kubectl printed more than ${MAX_BYTES} bytes.`, details);
  }
  if (error.killed)
    return sourceError(`kubectl gave no answer within ${timeoutMs} ms. ${said}`.trim(), details);
  const remedy = /\bforbidden\b/i.test(said) ? ` ${GRANT}` : '';
  return sourceError(`kubectl failed: ${sentence(said || error.message)}${remedy}`, details);
}

/** What a user who may not list pods needs. */
export const GRANT =
  'Grant it: kubectl create clusterrole list-pods --verb=list --resource=pods, and kubectl create clusterrolebinding for the user.';

const SHOWN_LENGTH = 300;

function lastLine(stderr: string): string {
  const [last = ''] = stderr.trim().split('\n').slice(-1);
  return last.trim().slice(0, SHOWN_LENGTH);
}

function sentence(words: string): string {
  return /[.?!]$/.test(words) ? words : `${words}.`;
}
