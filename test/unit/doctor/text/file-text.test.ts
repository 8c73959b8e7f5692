import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadHostsResolver } from '../../../../src/doctor/attribution/hosts-resolver.js';
import { fetchPods } from '../../../../src/doctor/attribution/kubernetes/fetch-pods.js';
import { readFileText } from '../../../../src/doctor/text/file-text.js';
import { readFleetFile } from '../../../../src/doctor/fleet/fleet-file.js';
import { systemClock } from '../../../../src/core/clock.js';

const folder = mkdtempSync(join(tmpdir(), 'file-text-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a regular file is read', async () => {
  writeFileSync(join(folder, 'hosts'), '10.0.0.7 web-1\n');
  expect(await readFileText(join(folder, 'hosts'))).toBe('10.0.0.7 web-1\n');
});

test('a named pipe without a writer is refused at once', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const message = /is a named pipe, expected a regular file/;
  await expect(readFileText(pipe)).rejects.toThrow(message);
  await expect(loadHostsResolver(pipe)).rejects.toThrow(message);
  await expect(readFleetFile(pipe)).rejects.toThrow(message);
  await expect(fetchPods({ file: pipe, env: {} }, systemClock)).rejects.toThrow(message);
});

test('the pipe of <(command) in a shell is read', () => {
  const script = `import { readFileText } from './src/doctor/text/file-text.ts'; process.stdout.write(await readFileText(process.argv[1]));`;
  const argv = ['-c', 'node --import tsx --input-type=module -e "$0" <(echo 10.0.0.7 web-1)', script];
  expect(execFileSync('bash', argv, { encoding: 'utf8' })).toBe('10.0.0.7 web-1\n');
});
