import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../../src/core/clock.js';
import { podsFromApi } from '../../../../../src/doctor/attribution/kubernetes/fetch-pods.js';
import { items } from '../../../../support/unit/doctor/attribution/kubernetes/cluster.js';
import { rejectionOf } from '../../../../support/unit/doctor/attribution/kubernetes/rejection.js';

const TOKEN = 'eyJhbGciOi.secret.token';
const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-api-'));
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;

async function certificate(ip: string) {
  const extensions = [{ name: 'subjectAltName', altNames: [{ type: 7, ip }] }];
  return generate([{ name: 'commonName', value: 'kubernetes' }], {
    keySize: 2048,
    extensions: extensions as never,
  });
}

beforeAll(async () => {
  const { private: key, cert } = await certificate('127.0.0.1');
  writeFileSync(join(folder, 'ca.crt'), cert);
  writeFileSync(join(folder, 'token'), `${TOKEN}\n`);
  server = createServer({ key, cert }, (request, response) => answer(request, response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  answer = (_, response) => response.end();
});

function fetchFromApi({
  timeoutMs = 5_000,
  account = folder,
  port = (server.address() as AddressInfo).port,
} = {}) {
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) };
  return podsFromApi({ timeoutMs, env, folder: account }, systemClock);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

test('all pages are read, with the token of the service account', async () => {
  const requests: string[] = [];
  answer = ({ url = '', headers }, response) => {
    requests.push(`${url} ${headers.authorization}`);
    const isLast = url.includes('continue=next%2F1');
    const metadata = isLast ? { resourceVersion: '1' } : { continue: 'next/1' };
    send(response, 200, { kind: 'PodList', metadata, items: isLast ? items.slice(3) : items.slice(0, 3) });
  };
  expect(await fetchFromApi()).toHaveLength(items.length);
  expect(requests).toEqual([
    `/api/v1/pods?limit=500 Bearer ${TOKEN}`,
    `/api/v1/pods?limit=500&continue=next%2F1 Bearer ${TOKEN}`,
  ]);
});

test('outside of a pod the API is not available', async () => {
  const error = await rejectionOf(podsFromApi({ timeoutMs: 1_000, env: {} }, systemClock));
  expect(error.message).toContain('This process does not run in a Kubernetes pod');
});

test('a missing service account is reported', async () => {
  const error = await rejectionOf(fetchFromApi({ account: join(folder, 'none') }));
  expect(error.message).toContain(`${folder}/none/token. Is automountServiceAccountToken off?`);
});

test('a forbidden request is reported with the right to grant, and without the token', async () => {
  const message =
    'pods is forbidden: User "system:serviceaccount:shop:default" cannot list resource "pods" in API group "" at the cluster scope';
  answer = (_, response) => send(response, 403, { kind: 'Status', status: 'Failure', message, code: 403 });
  const error = await rejectionOf(fetchFromApi());
  expect(error.message).toContain(
    `answered with status 403: ${message}. Grant it: kubectl create clusterrole`,
  );
  expect(error.message + JSON.stringify(error.details)).not.toContain(TOKEN);
});

test.each([
  ['an expired token', 401, { kind: 'Status', message: 'Unauthorized' }, 'status 401: Unauthorized.'],
  ['a server error', 500, 'boom', 'status 500: not a list of pods.'],
  ['another kind of object', 200, { kind: 'Status' }, 'status 200: not a list of pods.'],
])('%s is reported', async (_, status, body, message) => {
  answer = (__, response) => send(response, status, body);
  expect((await rejectionOf(fetchFromApi())).message).toContain(message);
});

test('an API that does not answer, or has endless pages, is given up in time', async () => {
  answer = () => undefined;
  expect((await rejectionOf(fetchFromApi({ timeoutMs: 100 }))).message).toContain(
    'does not answer: no answer within',
  );
  answer = (_, response) =>
    send(response, 200, { kind: 'PodList', metadata: { continue: 'more' }, items: [] });
  expect((await rejectionOf(fetchFromApi({ timeoutMs: 200 }))).message).toContain(
    'does not answer: no answer within',
  );
});

test('an unreachable API is reported', async () => {
  const error = await rejectionOf(fetchFromApi({ port: 1 }));
  expect(error.message).toContain('The Kubernetes API (127.0.0.1:1) does not answer: connection refused.');
});

test('an API with another certificate than the cluster’s gets no request', async () => {
  const account = mkdtempSync(join(folder, 'other-'));
  writeFileSync(join(account, 'token'), TOKEN);
  writeFileSync(join(account, 'ca.crt'), (await certificate('127.0.0.1')).cert);
  let hasRequest = false;
  answer = (_, response) => {
    hasRequest = true;
    response.end();
  };
  expect((await rejectionOf(fetchFromApi({ account }))).message).toMatch(
    /does not answer: .*(certificate|signature)/i,
  );
  expect(hasRequest).toBe(false);
});
