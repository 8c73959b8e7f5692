import { createTwoFilesPatch } from 'diff';
import { redact } from '../core/redact.js';
import type { Change } from './plan/plan.js';

/** A unified diff of one file, as `git apply` and `patch -p1` read it. */
function diffOf({ path, before, after }: Change): string {
  const old = before === undefined ? '/dev/null' : `a/${path}`;
  const patch = createTwoFilesPatch(old, `b/${path}`, before ?? '', after, undefined, undefined, {
    context: 3,
  });
  return patch.replace(/^=+\r?\n/, '').replace(/^(---|\+\+\+) (.*)\t$/gm, '$1 $2');
}

/** The changes as lines of a diff. Lines around them may hold somebody's password: those do not apply any more, but do not show it. */
export function renderDiff(changes: readonly Change[]): readonly string[] {
  return changes.flatMap((one) =>
    diffOf(one)
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => redact(line)),
  );
}
