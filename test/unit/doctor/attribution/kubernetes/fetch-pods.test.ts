import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchPods } from '../../../../../src/doctor/attribution/kubernetes/fetch-pods.js';
import { items, kubectlOutput } from '../../../../support/unit/doctor/attribution/kubernetes/cluster.js';
import { rejectionOf } from '../../../../support/unit/doctor/attribution/kubernetes/rejection.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-pods-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(content: string): string {
  const path = join(folder, 'pods.json');
  writeFileSync(path, content);
  return path;
}

test('pods are read from a file with the output of kubectl', async () => {
  expect(await fetchPods({ file: file(kubectlOutput), env: { PATH: folder } })).toHaveLength(items.length);
});

test.each([
  ['one pod', JSON.stringify(items[0]), 1],
  [
    'a list with items of other kinds',
    JSON.stringify({ kind: 'List', items: [...items, { kind: 'Service' }] }),
    items.length,
  ],
  ['an answer of the API', JSON.stringify({ kind: 'PodList', items: [{ metadata: { name: 'x' } }] }), 1],
  ['an empty list', JSON.stringify({ kind: 'List', items: [] }), 0],
])('%s is accepted', async (_, content, count) => {
  expect(await fetchPods({ file: file(content) })).toHaveLength(count);
});

test.each([
  ['', '""'],
  ['[]', '"[]"'],
  ['{"kind":"List"}', '"{"kind":"List"}"'],
  ['No resources found', '"No resources found"'],
])('%j is rejected, since it is not a list of pods', async (content, start) => {
  const path = file(content);
  const error = await rejectionOf(fetchPods({ file: path }), 'HYG_CLI_FILE');
  expect(error.message).toContain(`${path} is not a list of pods: it begins with ${start}`);
});

test('a missing file is reported', async () => {
  const error = await rejectionOf(fetchPods({ file: join(folder, 'none.json') }), 'HYG_CLI_FILE');
  expect(error.message).toContain('The file with the pods cannot be read: ENOENT');
});

test('without a file and outside of a pod, kubectl is run', async () => {
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\necho '{"kind":"List","items":[{}]}'\n`, { mode: 0o755 });
  const env = { PATH: [folder, process.env['PATH']].join(delimiter), KUBERNETES_SERVICE_HOST: '127.0.0.1' };
  expect(await fetchPods({ env })).toHaveLength(1);
});
