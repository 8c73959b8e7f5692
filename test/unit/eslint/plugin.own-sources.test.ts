import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Linter } from 'eslint';
import { expect, test } from 'vitest';
import plugin from '../../../src/eslint/index.js';
import { LANGUAGES } from '../../support/lint/languages.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const files = readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' })
  .map((file) => `src/${file.replaceAll('\\', '/')}`)
  .filter((file) => /\.c?ts$/.test(file))
  .filter((file) => /redis'/.test(readFileSync(`${ROOT}${file}`, 'utf8'))); // the others have nothing to find

/**
 * Where ioredis itself is the matter: the doctor's clients, and the exports of the drop-in. (What connect/ loads goes
 * through a function of another file, which a rule does not follow.)
 */
const RAW = ['src/doctor/server/**', 'src/dropin/**'];

function foundIn(allow: readonly string[]): string[] {
  const linter = new Linter({ cwd: ROOT });
  const config: Linter.Config[] = [
    { files: ['**/*.{ts,cts}'], languageOptions: LANGUAGES.ts },
    plugin.configs.recommended,
    { rules: { 'redis-hygiene/no-direct-client': ['error', { allow }] } },
  ];
  return files.flatMap((file) =>
    linter
      .verify(readFileSync(`${ROOT}${file}`, 'utf8'), config, { filename: `${ROOT}${file}` })
      .filter(({ ruleId }) => ruleId === null || ruleId === 'redis-hygiene/no-direct-client')
      .map(({ line, message }) => `${file}:${line} ${message}`),
  );
}

test('the sources of this package make and hand out raw clients where they are allowed to, and nowhere else', () => {
  expect(foundIn(RAW)).toEqual([]);
  const folders = new Set(foundIn([]).map((finding) => /^src\/[a-z]+/.exec(finding)?.[0]));
  expect([...folders].sort()).toEqual(['src/doctor', 'src/dropin']);
});
