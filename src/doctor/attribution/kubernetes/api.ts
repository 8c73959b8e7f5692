import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Clock } from '../../../core/clock.js';
import { ask } from '../ask.js';
import { object, text } from '../json.js';
import { GRANT } from './kubectl.js';
import { parse, podsIn, sourceError } from './read.js';
import type { Pod } from './pod.js';

/** Where every pod finds its service account. */
export const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

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
