import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCli } from '../../support/command-io.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

test('--version prints the version of the package', async () => {
  expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
});

test.for([
  ['clinets', 'clients'],
  ['docter', 'doctor'],
  ['buget', 'budget'],
])('for the unknown command %s, %s is suggested', async ([typed = '', suggestion]) => {
  const { code, stdout, stderr } = await runCli([typed]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(`unknown command '${typed}'\n(Did you mean ${suggestion}?)`);
});
