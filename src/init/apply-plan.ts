import { createTwoFilesPatch } from 'diff';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HygieneError } from '../core/errors.js';
import { redact } from '../core/redact.js';
import type { FileChange, Plan } from './plan/plan.js';

function refused(path: string, cause: unknown): HygieneError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HygieneError('HYG_INIT_WRITE', `${path} cannot be written: ${why}.`, { cause });
}

const isSame = (file: string, text: string) => readFileSync(file).equals(Buffer.from(text));

/** Everything that can be known before the first write. */
function check(folder: string, { path, before }: FileChange): void {
  const file = join(folder, path);
  try {
    accessSync(before === undefined ? dirname(file) : file, constants.W_OK);
    if (before === undefined ? !existsSync(file) : isSame(file, before)) return;
  } catch (cause) {
    throw refused(path, cause);
  }
  const why =
    before === undefined ? 'it is there by now' : 'it is not UTF-8, or somebody else is changing it';
  throw new HygieneError('HYG_INIT_WRITE', `${path} cannot be written: ${why}.`);
}

function takeBack(folder: string, { path, before }: FileChange): void {
  if (before === undefined) rmSync(join(folder, path), { force: true });
  else writeFileSync(join(folder, path), before);
}

function write(folder: string, one: FileChange): void {
  const { path, before, after } = one;
  try {
    writeFileSync(join(folder, path), after, { flag: before === undefined ? 'wx' : 'w' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') takeBack(folder, one);
    throw refused(path, cause);
  }
}

/**
 * Writes a plan, in one go that nothing interrupts: all of it, or nothing.
 *
 * @throws HygieneError `HYG_INIT_WRITE`
 */
export function applyPlan({ folder, changes }: Plan): void {
  changes.forEach((one) => check(folder, one));
  const done: FileChange[] = [];
  try {
    for (const one of changes) {
      write(folder, one);
      done.push(one);
    }
  } catch (error) {
    done.toReversed().forEach((one) => takeBack(folder, one));
    throw error;
  }
}

/** A unified diff of one file, as `git apply` and `patch -p1` read it. */
function diffOf({ path, before, after }: FileChange): string {
  const old = before === undefined ? '/dev/null' : `a/${path}`;
  const patch = createTwoFilesPatch(old, `b/${path}`, before ?? '', after, undefined, undefined, {
    context: 3,
  });
  return patch.replace(/^=+\r?\n/, '').replace(/^(---|\+\+\+) (.*)\t$/gm, '$1 $2');
}

/** The changes as lines of a diff. Lines around them may hold somebody's password: those do not apply any more, but do not show it. */
export function renderDiff(changes: readonly FileChange[]): readonly string[] {
  return changes.flatMap((one) =>
    diffOf(one)
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => redact(line)),
  );
}
