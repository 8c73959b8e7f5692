import { createTwoFilesPatch } from 'diff';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HygieneError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import type { FileChange, Plan } from './plan/plan.js';

/**
 * Writes all changes of a plan, or none of them: a failed write undoes the ones before it.
 *
 * @throws HygieneError `HYG_INIT_WRITE`
 */
export function applyPlan({ folder, changes }: Plan): void {
  changes.forEach((one) => checkWritable(folder, one));
  const done: FileChange[] = [];
  try {
    for (const one of changes) {
      write(folder, one);
      done.push(one);
    }
  } catch (error) {
    done.toReversed().forEach((one) => undo(folder, one));
    throw error;
  }
}

/** Checks that a change can be written, before the first write. */
function checkWritable(folder: string, { path, before }: FileChange): void {
  const file = join(folder, path);
  try {
    accessSync(before === undefined ? dirname(file) : file, constants.W_OK);
    if (before === undefined ? !existsSync(file) : isSame(file, before)) return;
  } catch (cause) {
    throw writeError(path, cause);
  }
  const why =
    before === undefined ? 'it exists by now' : 'it is not UTF-8, or another program has changed it';
  throw new HygieneError('HYG_INIT_WRITE', `${path} cannot be written: ${why}.`);
}

function write(folder: string, one: FileChange): void {
  const { path, before, after } = one;
  try {
    writeFileSync(join(folder, path), after, { flag: before === undefined ? 'wx' : 'w' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') undo(folder, one);
    throw writeError(path, cause);
  }
}

function undo(folder: string, { path, before }: FileChange): void {
  if (before === undefined) rmSync(join(folder, path), { force: true });
  else writeFileSync(join(folder, path), before);
}

const isSame = (file: string, text: string) => readFileSync(file).equals(Buffer.from(text));

function writeError(path: string, cause: unknown): HygieneError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HygieneError('HYG_INIT_WRITE', `${path} cannot be written: ${why}.`, { cause });
}

/** Lines of the diff of all changes. Passwords in context lines are redacted, so such a diff cannot be applied. */
export function renderDiff(changes: readonly FileChange[]): readonly string[] {
  return changes.flatMap((one) =>
    diffOf(one)
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => redact(line)),
  );
}

/** Unified diff of one file, in the format of `git apply` and `patch -p1`. */
function diffOf({ path, before, after }: FileChange): string {
  const old = before === undefined ? '/dev/null' : `a/${path}`;
  const patch = createTwoFilesPatch(old, `b/${path}`, before ?? '', after, undefined, undefined, {
    context: 3,
  });
  return patch.replace(/^=+\r?\n/, '').replace(/^(---|\+\+\+) (.*)\t$/gm, '$1 $2');
}
