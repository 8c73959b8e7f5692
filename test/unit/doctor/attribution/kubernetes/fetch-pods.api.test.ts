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
import { refusal } from '../../../../support/unit/doctor/attribution/kubernetes/refusal.js';

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

function ask({ timeoutMs = 5_000, account = folder, port = (server.address() as AddressInfo).port } = {}) {
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) };
  return podsFromApi({ timeoutMs, env, folder: account }, systemClock);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

test('all pages are read, with the token of the service account', async () => {
  const asked: string[] = [];
  answer = ({ url = '', headers }, response) => {
    asked.push(`${url} ${headers.authorization}`);
    const isLast = url.includes('continue=next%2F1');
    const metadata = isLast ? { resourceVersion: '1' } : { continue: 'next/1' };
    send(response, 200, { kind: 'PodList', metadata, items: isLast ? items.slice(3) : items.slice(0, 3) });
  };
  expect(await ask()).toHaveLength(items.length);
  expect(asked).toEqual([
    `/api/v1/pods?limit=500 Bearer ${TOKEN}`,
    `/api/v1/pods?limit=500&continue=next%2F1 Bearer ${TOKEN}`,
  ]);
});

test('outside of a pod there is no API', async () => {
  const error = await refusal(podsFromApi({ timeoutMs: 1_000, env: {} }, systemClock));
  expect(error.message).toContain('This is no pod of Kubernetes');
});

test('a pod without a service account is told so', async () => {
  const error = await refusal(ask({ account: join(folder, 'none') }));
  expect(error.message).toContain(`${folder}/none/token. Is automountServiceAccountToken off?`);
});

test('what is forbidden is told with what to grant, and without the token', async () => {
  const message =
    'pods is forbidden: User "system:serviceaccount:shop:default" cannot list resource "pods" in API group "" at the cluster scope';
  answer = (_, response) => send(response, 403, { kind: 'Status', status: 'Failure', message, code: 403 });
  const error = await refusal(ask());
  expect(error.message).toContain(
    `answered with status 403: ${message}. Grant it: kubectl create clusterrole`,
  );
  expect(error.message + JSON.stringify(error.details)).not.toContain(TOKEN);
});

test.each([
  ['a token that has run out', 401, { kind: 'Status', message: 'Unauthorized' }, 'status 401: Unauthorized.'],
  ['an error', 500, 'boom', 'status 500: no list of pods.'],
  ['something else', 200, { kind: 'Status' }, 'status 200: no list of pods.'],
])('%s is told', async (_, status, body, said) => {
  answer = (__, response) => send(response, status, body);
  expect((await refusal(ask())).message).toContain(said);
});

test('an API that hangs, or has no end of pages, is given up in time', async () => {
  answer = () => undefined;
  expect((await refusal(ask({ timeoutMs: 100 }))).message).toContain('cannot be asked: no answer within');
  answer = (_, response) =>
    send(response, 200, { kind: 'PodList', metadata: { continue: 'more' }, items: [] });
  expect((await refusal(ask({ timeoutMs: 200 }))).message).toContain('cannot be asked: no answer within');
});

test('an API that is not there is told', async () => {
  const error = await refusal(ask({ port: 1 }));
  expect(error.message).toContain(
    'The API of the cluster (127.0.0.1:1) cannot be asked: connection refused.',
  );
});

test('one with another certificate than the cluster’s is not trusted', async () => {
  const account = mkdtempSync(join(folder, 'other-'));
  writeFileSync(join(account, 'token'), TOKEN);
  writeFileSync(join(account, 'ca.crt'), (await certificate('127.0.0.1')).cert);
  let hasTold = false;
  answer = (_, response) => {
    hasTold = true;
    response.end();
  };
  expect((await refusal(ask({ account }))).message).toMatch(/cannot be asked: .*(certificate|signature)/i);
  expect(hasTold).toBe(false);
});
