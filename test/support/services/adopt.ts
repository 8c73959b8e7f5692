import { applyPatch, parsePatch } from 'diff';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runNode } from './node.js';

const tool = (dir: string, path: string) => join(dir, '../node_modules', path);

/** Writes what adoption needs; `--yes` takes the proposals that a person would be asked about. */
export async function runInit(dir: string): Promise<void> {
  await runNode(dir, [tool(dir, 'redis-hygiene/dist/cli/bin.js'), 'init', '--yes']);
}

interface Report {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
}

/** Lints a folder with the configuration that init wrote, and gives what is left to do: `file: rule`, or what is wrong with the file. */
export async function lint(dir: string, ...options: readonly '--fix'[]): Promise<readonly string[]> {
  const args = [tool(dir, 'eslint/bin/eslint.js'), '.', '--format', 'json', ...options];
  const printed = await runNode(dir, args, { allowedCodes: [0, 1] });
  const reports = JSON.parse(printed) as readonly Report[];
  return reports.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => `${basename(filePath)}: ${ruleId ?? message}`),
  );
}

/** What a person changes by hand, where no tool can know it. */
const PATCH = 'adopt.patch';

export function hasHandMade(dir: string): boolean {
  return existsSync(join(dir, PATCH));
}

/** Changes by hand what docs/adopt.md says. @throws Error when a file is not what the patch was made for */
export function applyHandMade(dir: string): void {
  for (const part of parsePatch(readFileSync(join(dir, PATCH), 'utf8'))) {
    const path = join(dir, (part.newFileName ?? '').replace(/^b\//, ''));
    const changed = applyPatch(readFileSync(path, 'utf8'), part);
    if (changed === false) throw new Error(`${PATCH} does not fit ${path}:\n${readFileSync(path, 'utf8')}`);
    writeFileSync(path, changed);
  }
}
