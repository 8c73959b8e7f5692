import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../core/clock.js';
import { HygieneError } from '../../../core/errors.js';
import { readFileText } from '../../text/file-text.js';
import { asObject, asText, type JsonObject, sendRequest } from '../http-json.js';
import { parseJsonObject, type Pod, readPodItems, readPods } from './pod.js';

/** Options of `fetchPods`. */
export interface PodFetchOptions {
  /** File with the output of `kubectl get pods -A -o json`. @default the API inside a pod, else kubectl */
  readonly file?: string;
  /** Milliseconds for the whole list. @default 15000, since kubectl may have to fetch a token first */
  readonly timeoutMs?: number;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/**
 * Lists the pods of a cluster.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`, or `HYG_CLI_FILE` for a file
 */
export async function fetchPods(
  { file, timeoutMs = DEFAULT_TIMEOUT_MS, env = process.env }: PodFetchOptions = {},
  clock: Clock = systemClock,
): Promise<readonly Pod[]> {
  if (file !== undefined) return podsFromFile(file);
  return isInPod(env) ? podsFromApi({ timeoutMs, env }, clock) : podsFromKubectl({ timeoutMs, env });
}

/** Folder with the service account, the same in every pod. */
const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

function isInPod(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['KUBERNETES_SERVICE_HOST']) && existsSync(join(ACCOUNT_FOLDER, 'token'));
}

async function podsFromFile(file: string): Promise<readonly Pod[]> {
  const fileError = (what: string) => new HygieneError('HYG_CLI_FILE', what, { details: { file } });
  const output = await readFileText(file).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw fileError(`The file with the pods cannot be read: ${reason}.`);
  });
  const pods = readPods(output);
  if (!pods) throw fileError(`${file} ${describeUnexpected(output)}`);
  return pods;
}

/** Says that a text is not a list of pods, with its first characters. */
function describeUnexpected(output: string): string {
  const start = output.slice(0, 60).replace(/\s+/g, ' ').trim();
  return `is not a list of pods: it begins with "${start}", expected the output of kubectl get pods -A -o json.`;
}

/** An error that says why the pods cannot be listed, and what to do. */
function sourceError(what: string, details: Readonly<Record<string, unknown>> = {}): HygieneError {
  return new HygieneError('HYG_ATTRIBUTION_SOURCE', what, { details: { source: 'kubernetes', ...details } });
}

/** Options of a request to the API from inside a pod. */
export interface ApiOptions {
  /** Milliseconds for all pages together. */
  readonly timeoutMs: number;
  /** Environment with KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
  readonly env: NodeJS.ProcessEnv;
  /** Folder with `token` and `ca.crt`. @default ACCOUNT_FOLDER */
  readonly folder?: string;
}

/** Address of the API and the service account of this pod. */
interface ApiAccess {
  readonly host: string;
  readonly port: string;
  readonly token: string;
  readonly ca: string;
}

/** Pods of one page: the page size of kubectl. */
const PAGE_SIZE = 500;
const MAX_PAGE_BYTES = 64 * 2 ** 20;

/**
 * Lists all pods by the API of the cluster that this process runs in, with the service account of its own pod.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export async function podsFromApi(options: ApiOptions, clock: Clock): Promise<readonly Pod[]> {
  const access = await readApiAccess(options);
  const deadlineMs = clock.now() + options.timeoutMs;
  const pods: Pod[] = [];
  let continueToken: string | undefined = '';
  while (continueToken !== undefined) {
    const page = await fetchPage(access, continueToken, Math.max(0, deadlineMs - clock.now()), clock);
    pods.push(...readPodItems(page));
    continueToken = asText(asObject(page['metadata'])['continue']);
  }
  return pods;
}

async function readApiAccess({ env, folder = ACCOUNT_FOLDER }: ApiOptions): Promise<ApiAccess> {
  const [host, port] = [env['KUBERNETES_SERVICE_HOST'], env['KUBERNETES_SERVICE_PORT']];
  if (!host || !port) {
    throw sourceError(
      'This process does not run in a Kubernetes pod: KUBERNETES_SERVICE_HOST and _PORT are not set.',
    );
  }
  const read = (name: string) =>
    readFile(join(folder, name), 'utf8').catch(() => {
      throw sourceError(
        `The service account of this pod cannot be read: ${join(folder, name)}. Is automountServiceAccountToken off?`,
        { folder },
      );
    });
  return { host, port, token: (await read('token')).trim(), ca: await read('ca.crt') };
}

async function fetchPage(
  { host, port, token, ca }: ApiAccess,
  continueToken: string,
  timeoutMs: number,
  clock: Clock,
): Promise<JsonObject> {
  const query = new URLSearchParams({
    limit: String(PAGE_SIZE),
    ...(continueToken !== '' && { continue: continueToken }),
  });
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  const createRequest = () =>
    request({ host, port, path: `/api/v1/pods?${query.toString()}`, headers, ca, agent: false });
  const outcome = await sendRequest(createRequest, { timeoutMs, maxBytes: MAX_PAGE_BYTES }, clock);
  const api = `The Kubernetes API (${host}:${port})`;
  if (outcome.kind !== 'response')
    throw sourceError(`${api} does not answer: ${outcome.reason}.`, { why: outcome.reason });
  const page = parseJsonObject(outcome.body);
  if (outcome.status === 200 && asText(page['kind']) === 'PodList') return page;
  throw unexpectedStatusError(api, outcome.status, asText(page['message']));
}

function unexpectedStatusError(api: string, status: number, message = 'not a list of pods'): Error {
  const remedy = status === 403 ? ` ${GRANT_REMEDY}` : '';
  return sourceError(`${api} answered with status ${status}: ${message}.${remedy}`, { status });
}

/** Options for running `kubectl`. */
export interface KubectlOptions {
  readonly timeoutMs: number;
  /** Environment whose PATH contains `kubectl` and whose KUBECONFIG selects the cluster. */
  readonly env: NodeJS.ProcessEnv;
}

const KUBECTL = 'kubectl';
const KUBECTL_ARGS = ['get', 'pods', '--all-namespaces', '--output', 'json'];
/** A pod takes about 5 to 20 KB. Node cannot hold a string of more than 512 MB. */
const MAX_KUBECTL_BYTES = 400 * 2 ** 20;

/**
 * Lists all pods of kubectl's current cluster.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export function podsFromKubectl({ timeoutMs, env }: KubectlOptions): Promise<readonly Pod[]> {
  return new Promise((resolve, reject) => {
    const settings = {
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_KUBECTL_BYTES,
      env,
    } as const;
    const child = execFile(KUBECTL, KUBECTL_ARGS, settings, (error, stdout, stderr) => {
      if (error) return reject(kubectlError(error, stderr, timeoutMs));
      const pods = readPods(stdout);
      if (pods) resolve(pods);
      else reject(sourceError(`The output of kubectl ${describeUnexpected(stdout)}`));
    });
    // Without credentials in its configuration kubectl asks for a user name and a password on stdin.
    child.stdin?.end();
  });
}

interface ExecError extends Error {
  readonly code?: string | number | null;
  readonly killed?: boolean;
}

function kubectlError(error: ExecError, stderr: string, timeoutMs: number): Error {
  const lastLine = lastLineOf(stderr);
  const details = { code: error.code ?? null, said: lastLine };
  if (error.code === 'ENOENT') {
    return sourceError('kubectl is not on the PATH. Install it, or give a file with its output.', details);
  }
  if (error.code === 'EACCES') return sourceError('This user may not run the kubectl on the PATH.', details);
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return sourceError(`kubectl printed more than ${MAX_KUBECTL_BYTES} bytes.`, details);
  }
  if (error.killed)
    return sourceError(`kubectl did not answer within ${timeoutMs} ms. ${lastLine}`.trim(), details);
  const remedy = /\bforbidden\b/i.test(lastLine) ? ` ${GRANT_REMEDY}` : '';
  return sourceError(`kubectl failed: ${endWithPeriod(lastLine || error.message)}${remedy}`, details);
}

/** What to do for a user who may not list pods. */
const GRANT_REMEDY =
  'Grant it: kubectl create clusterrole list-pods --verb=list --resource=pods, and kubectl create clusterrolebinding for the user.';

const MAX_SHOWN_LENGTH = 300;

function lastLineOf(stderr: string): string {
  const [last = ''] = stderr.trim().split('\n').slice(-1);
  return last.trim().slice(0, MAX_SHOWN_LENGTH);
}

function endWithPeriod(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
