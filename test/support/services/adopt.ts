import { applyPatch, parsePatch } from 'diff';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runNode } from './node.js';

const toolPath = (dir: string, path: string) => join(dir, '../node_modules', path);

/** Runs `redis-hygiene init`. `--yes` takes the default answer to every question. */
export async function runInit(dir: string): Promise<void> {
  await runNode(dir, [toolPath(dir, 'redis-hygiene/dist/cli.cjs'), 'init', '--yes']);
}

interface LintResult {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
}

/** Lints a folder with the config that init wrote. Returns the remaining findings as `file: rule`, or `file: message` for a file that cannot be parsed. */
export async function lint(dir: string, ...options: readonly '--fix'[]): Promise<readonly string[]> {
  const args = [toolPath(dir, 'eslint/bin/eslint.js'), '.', '--format', 'json', ...options];
  const printed = await runNode(dir, args, { allowedCodes: [0, 1] });
  const results = JSON.parse(printed) as readonly LintResult[];
  return results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => `${basename(filePath)}: ${ruleId ?? message}`),
  );
}

/** Changes that adoption needs and no tool can make. */
const PATCH = 'adopt.patch';

export function hasPatch(dir: string): boolean {
  return existsSync(join(dir, PATCH));
}

/** Applies the patch of a sample. @throws Error when it does not fit */
export function applyAdoptPatch(dir: string): void {
  for (const part of parsePatch(readFileSync(join(dir, PATCH), 'utf8'))) {
    const path = join(dir, (part.newFileName ?? '').replace(/^b\//, ''));
    const changed = applyPatch(readFileSync(path, 'utf8'), part);
    if (changed === false) throw new Error(`${PATCH} does not fit ${path}:\n${readFileSync(path, 'utf8')}`);
    writeFileSync(path, changed);
  }
}
