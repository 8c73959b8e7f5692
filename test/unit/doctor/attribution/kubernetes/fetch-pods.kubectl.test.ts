import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { quietNow } from '../../../../support/quiet-clock.js';
import { podsFromKubectl } from '../../../../../src/doctor/attribution/kubernetes/fetch-pods.js';
import { kubectlOutput } from '../../../../support/unit/doctor/attribution/kubernetes/cluster.js';
import { rejectionOf } from '../../../../support/unit/doctor/attribution/kubernetes/rejection.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-kubectl-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const env = () => ({ PATH: [folder, process.env['PATH']].join(delimiter) });

/** Runs this shell script as `kubectl`. */
function fetchWithScript(script: string, timeoutMs = 10_000) {
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\ncd '${folder}'\n${script}\n`, { mode: 0o755 });
  return podsFromKubectl({ timeoutMs, env: env() });
}

test('kubectl lists all pods of all namespaces and gets no input', async () => {
  writeFileSync(join(folder, 'pods.json'), kubectlOutput);
  const pods = await fetchWithScript(
    'echo "$@" > arguments; cat > input; echo "W0101 a warning" >&2; cat pods.json',
  );
  expect(pods.map(({ name }) => name)).toContain('redis-0');
  expect(readFileSync(join(folder, 'arguments'), 'utf8')).toBe('get pods --all-namespaces --output json\n');
  expect(readFileSync(join(folder, 'input'), 'utf8')).toBe('');
});

test('a missing kubectl is reported', async () => {
  const error = await rejectionOf(podsFromKubectl({ timeoutMs: 1_000, env: { PATH: folder } }));
  expect(error.message).toContain('kubectl is not on the PATH. Install it, or give a file with its output.');
});

test('a kubectl that may not be run is reported', async () => {
  writeFileSync(join(folder, 'kubectl'), '', { mode: 0o644 });
  const error = await rejectionOf(podsFromKubectl({ timeoutMs: 1_000, env: { PATH: folder } }));
  expect(error.message).toContain('This user may not run the kubectl on the PATH.');
});

/** Standard output of kubectl 1.20 when it fails. */
const EMPTY = `echo '{ "apiVersion": "v1", "items": [], "kind": "List" }'`;

test.each([
  [
    'an unreachable cluster',
    'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
  ],
  ['an expired login', 'error: You must be logged in to the server (Unauthorized)'],
  ['a slow cluster', 'Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded)'],
])('%s is reported with the message of kubectl', async (_, message) => {
  const error = await rejectionOf(
    fetchWithScript(`${EMPTY}; echo 'W1122 15:13:45 loader.go:223] more' >&2; echo '${message}' >&2; exit 1`),
  );
  expect(error.message).toContain(`kubectl failed: ${message}${message.endsWith('?') ? '' : '.'} Check that`);
  expect(error.message).not.toContain('Grant it');
});

test('a forbidden request is reported with the right to grant', async () => {
  const message =
    'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope';
  const error = await rejectionOf(fetchWithScript(`${EMPTY}; echo '${message}' >&2; exit 1`));
  expect(error.message).toContain(`kubectl failed: ${message}. Grant it: kubectl create clusterrole`);
});

test('a failure without a message is reported with the exit code', async () => {
  const error = await rejectionOf(fetchWithScript('exit 7'));
  expect(error.message).toContain('kubectl failed: Command failed');
  expect(error.details).toMatchObject({ code: 7 });
});

test('a kubectl that does not end is killed in time, even if it ignores signals', async () => {
  const start = quietNow();
  const error = await rejectionOf(
    fetchWithScript('trap "" TERM; echo $$ > pid; while :; do sleep 0.1; done', 300),
  );
  expect(error.message).toContain('kubectl did not answer within 300 ms.');
  expect(quietNow() - start).toBeLessThan(5_000);
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test.each([
  ['nothing', ':', '""'],
  ['a table', 'echo "NAMESPACE NAME READY"', '"NAMESPACE NAME READY"'],
  ['half a list', `echo '{"kind": "List", "items": ['`, '"{"kind": "List", "items": ["'],
  ['another kind of object', `echo '{"kind": "Status"}'`, '"{"kind": "Status"}"'],
])('%s is rejected, since it is not a list of pods', async (_, script, start) => {
  const error = await rejectionOf(fetchWithScript(script));
  expect(error.message).toContain(`The output of kubectl is not a list of pods: it begins with ${start}`);
});
