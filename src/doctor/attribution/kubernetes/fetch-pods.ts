import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../core/clock.js';
import { HygieneError } from '../../../core/errors.js';
import { readFileText } from '../../text/file-text.js';
import { ask, object, text } from '../http-json.js';
import { parse, type Pod, podsIn, readPods, sourceError, strange } from './pod.js';

/** Where the pods come from. */
export interface PodFetchOptions {
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
  { file, timeoutMs = TIMEOUT_MS, env = process.env }: PodFetchOptions = {},
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

/** Where every pod finds its service account. */
const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** How the API is asked from inside a pod. */
export interface ApiOptions {
  /** For all pages together. */
  readonly timeoutMs: number;
  /** Has KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
  readonly env: NodeJS.ProcessEnv;
  /** Holds `token` and `ca.crt`. @default ACCOUNT_FOLDER */
  readonly folder?: string;
}

interface Account {
  readonly host: string;
  readonly port: string;
  readonly token: string;
  readonly ca: string;
}

/** Pods of one page, as kubectl asks for them. */
const PAGE = 500;
const MAX_PAGE_BYTES = 64 * 2 ** 20;

/**
 * Asks the API of the cluster that this process runs in for all pods, with the service account of its own pod.
 *
 * @throws HygieneError `HYG_ATTRIBUTION_SOURCE`
 */
export async function podsFromApi(options: ApiOptions, clock: Clock): Promise<readonly Pod[]> {
  const account = await readAccount(options);
  const end = clock.now() + options.timeoutMs;
  const pods: Pod[] = [];
  let next: string | undefined = '';
  while (next !== undefined) {
    const page = await askPage(account, next, Math.max(0, end - clock.now()), clock);
    pods.push(...podsIn(page));
    next = text(object(page['metadata'])['continue']);
  }
  return pods;
}

async function readAccount({ env, folder = ACCOUNT_FOLDER }: ApiOptions): Promise<Account> {
  const [host, port] = [env['KUBERNETES_SERVICE_HOST'], env['KUBERNETES_SERVICE_PORT']];
  if (!host || !port) {
    throw sourceError('This is no pod of Kubernetes: KUBERNETES_SERVICE_HOST and _PORT are not set.');
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

async function askPage(account: Account, after: string, timeoutMs: number, clock: Clock) {
  const { host, port, token, ca } = account;
  const query = new URLSearchParams({ limit: String(PAGE), ...(after !== '' && { continue: after }) });
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
  const dial = () =>
    request({ host, port, path: `/api/v1/pods?${query.toString()}`, headers, ca, agent: false });
  const answer = await ask(dial, { timeoutMs, maxBytes: MAX_PAGE_BYTES }, clock);
  const place = `The API of the cluster (${host}:${port})`;
  if (answer.kind !== 'answer')
    throw sourceError(`${place} cannot be asked: ${answer.why}.`, { why: answer.why });
  const page = parse(answer.body);
  if (answer.status === 200 && text(page['kind']) === 'PodList') return page;
  throw refused(place, answer.status, text(page['message']));
}

function refused(place: string, status: number, message = 'no list of pods'): Error {
  const remedy = status === 403 ? ` ${GRANT}` : '';
  return sourceError(`${place} answered with status ${status}: ${message}.${remedy}`, { status });
}

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
const GRANT =
  'Grant it: kubectl create clusterrole list-pods --verb=list --resource=pods, and kubectl create clusterrolebinding for the user.';

const SHOWN_LENGTH = 300;

function lastLine(stderr: string): string {
  const [last = ''] = stderr.trim().split('\n').slice(-1);
  return last.trim().slice(0, SHOWN_LENGTH);
}

function sentence(words: string): string {
  return /[.?!]$/.test(words) ? words : `${words}.`;
}
