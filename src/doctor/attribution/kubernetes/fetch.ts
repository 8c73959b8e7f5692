import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../core/clock.js';
import { HygieneError } from '../../../core/errors.js';
import { readFileText } from '../../file-text.js';
import { ACCOUNT_FOLDER, podsFromApi } from './api.js';
import { podsFromKubectl } from './kubectl.js';
import { readPods, strange } from './read.js';
import type { Pod } from './pod.js';

/** Where the pods come from. */
export interface FetchOptions {
  /** A file with the output of `kubectl get pods -A -o json`. @default the API inside of a pod, else kubectl */
  readonly file?: string;
  /** @default 15000: kubectl may have to fetch a token first */
  readonly timeoutMs?: number;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

const TIMEOUT_MS = 15_000;

/**
 * Lists the pods of a cluster.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`, or `HYG_CLI_FILE` for a file
 */
export async function fetchPods(
  { file, timeoutMs = TIMEOUT_MS, env = process.env }: FetchOptions = {},
  clock: Clock = systemClock,
): Promise<readonly Pod[]> {
  if (file !== undefined) return podsFromFile(file);
  return isInPod(env) ? podsFromApi({ timeoutMs, env }, clock) : podsFromKubectl({ timeoutMs, env });
}

function isInPod(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST']) && existsSync(join(ACCOUNT_FOLDER, 'token'));
}

async function podsFromFile(file: string): Promise<readonly Pod[]> {
  const bad = (what: string) => new HygieneError('HYG_CLI_FILE', what, { details: { file } });
  const output = await readFileText(file).catch((error: unknown) => {
    throw bad(
      `The file with the pods cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  });
  const pods = readPods(output);
  if (!pods) throw bad(`${file} ${strange(output)}`);
  return pods;
}
