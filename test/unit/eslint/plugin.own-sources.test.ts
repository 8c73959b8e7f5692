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
  .filter((file) => /redis'/.test(readFileSync(`${ROOT}${file}`, 'utf8'))); // other files cannot have findings

/**
 * Folders that may use ioredis directly: the doctor's clients, and the exports of the drop-in. connect/ loads ioredis by a
 * function of another file, which a rule does not follow, so it needs no entry here.
 */
const RAW_CLIENT_GLOBS = ['src/dropin/**'];

function findingsWith(allow: readonly string[]): string[] {
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

/** Loading the TypeScript parser takes most of the time, and ten times as long on a busy machine. */
const LIMIT_MS = 120_000;

test(
  'the sources of this package create raw clients only in the folders that may',
  { timeout: LIMIT_MS },
  () => {
    expect(findingsWith(RAW_CLIENT_GLOBS)).toEqual([]);
    const folders = new Set(findingsWith([]).map((finding) => /^src\/[a-z]+/.exec(finding)?.[0]));
    expect([...folders].sort()).toEqual(['src/dropin']);
  },
);
