import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { podsFromKubectl } from '../../../../../src/doctor/attribution/kubernetes/fetch-pods.js';
import { kubectlOutput } from '../../../../support/unit/doctor/attribution/kubernetes/cluster.js';
import { refusal } from '../../../../support/unit/doctor/attribution/kubernetes/refusal.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-kubectl-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const env = () => ({ PATH: [folder, process.env['PATH']].join(delimiter) });

/** Asks a `kubectl` that is this shell script. */
function ask(script: string, timeoutMs = 10_000) {
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\ncd '${folder}'\n${script}\n`, { mode: 0o755 });
  return podsFromKubectl({ timeoutMs, env: env() });
}

test('all pods of all namespaces are asked for, and nothing is typed', async () => {
  writeFileSync(join(folder, 'pods.json'), kubectlOutput);
  const pods = await ask('echo "$@" > asked; cat > typed; echo "W0101 a warning" >&2; cat pods.json');
  expect(pods.map(({ name }) => name)).toContain('redis-0');
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('get pods --all-namespaces --output json\n');
  expect(readFileSync(join(folder, 'typed'), 'utf8')).toBe('');
});

test('a machine without kubectl is told so', async () => {
  const error = await refusal(podsFromKubectl({ timeoutMs: 1_000, env: { PATH: folder } }));
  expect(error.message).toContain(
    'There is no kubectl on the PATH. Install it, or give a file with its output.',
  );
});

test('one that may not be run is told apart', async () => {
  writeFileSync(join(folder, 'kubectl'), '', { mode: 0o644 });
  const error = await refusal(podsFromKubectl({ timeoutMs: 1_000, env: { PATH: folder } }));
  expect(error.message).toContain('may not be run by this user');
});

/** What kubectl 1.20 prints on standard output when it fails. */
const EMPTY = `echo '{ "apiVersion": "v1", "items": [], "kind": "List" }'`;

test.each([
  [
    'a cluster that is not there',
    'The connection to the server localhost:8080 was refused - did you specify the right host or port?',
  ],
  ['a login that has run out', 'error: You must be logged in to the server (Unauthorized)'],
  [
    'a cluster that is slow',
    'Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded)',
  ],
])('%s is told in the words of kubectl', async (_, said) => {
  const error = await refusal(
    ask(`${EMPTY}; echo 'W1122 15:13:45 loader.go:223] more' >&2; echo '${said}' >&2; exit 1`),
  );
  expect(error.message).toContain(`kubectl failed: ${said}${said.endsWith('?') ? '' : '.'} Check that`);
  expect(error.message).not.toContain('Grant it');
});

test('what is forbidden is told with what to grant', async () => {
  const said =
    'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope';
  const error = await refusal(ask(`${EMPTY}; echo '${said}' >&2; exit 1`));
  expect(error.message).toContain(`kubectl failed: ${said}. Grant it: kubectl create clusterrole`);
});

test('one that fails without a word is told by its exit code', async () => {
  const error = await refusal(ask('exit 7'));
  expect(error.message).toContain('kubectl failed: Command failed');
  expect(error.details).toMatchObject({ code: 7 });
});

test('one that hangs is killed in time, whatever it does about signals', async () => {
  const start = Date.now();
  const error = await refusal(ask('trap "" TERM; echo $$ > pid; while :; do sleep 0.1; done', 300));
  expect(error.message).toContain('kubectl gave no answer within 300 ms.');
  expect(Date.now() - start).toBeLessThan(5_000);
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test.each([
  ['nothing', ':', '""'],
  ['a table', 'echo "NAMESPACE NAME READY"', '"NAMESPACE NAME READY"'],
  ['half of it', `echo '{"kind": "List", "items": ['`, '"{"kind": "List", "items": ["'],
  ['something else', `echo '{"kind": "Status"}'`, '"{"kind": "Status"}"'],
])('%s is no list of pods', async (_, script, start) => {
  const error = await refusal(ask(script));
  expect(error.message).toContain(`What kubectl printed is no list of pods: it begins with ${start}`);
});
