import { relative } from 'node:path';
import type { RuleContext } from '../define-rule.js';
import { MOCKED_MODULE } from './file-mocks.js';
import { type ProjectMocks, type Replacement, searchProject } from './project-search.js';

/**
 * Why the import of ioredis in a file must not be rewritten yet: a test replaces ioredis, but not the other module, so its
 * code would open connections. A sentence without its full stop; undefined if nothing is in the way.
 */
export function findFixObstacle(
  { filename, cwd }: Pick<RuleContext<string>, 'filename' | 'cwd'>,
  module: string,
): string | undefined {
  const mocks = searchProject(filename, module);
  return mocks && describeObstacle(mocks, { cwd, module });
}

interface Names {
  readonly cwd: string;
  /** Module to use instead of ioredis. */
  readonly module: string;
}

function describeObstacle({ replacement, isPartial }: ProjectMocks, names: Names): string | undefined {
  if (replacement) return describeReplacement(replacement, names);
  if (!isPartial) return undefined;
  return `There is no fix, because the project has too many files to search all of them for mocks of ${MOCKED_MODULE}`;
}

function describeReplacement({ form, file, line }: Replacement, { cwd, module }: Names): string {
  const path = relative(cwd, file).replaceAll('\\', '/');
  const because = `There is no fix yet, because ${path}:${line} replaces ${MOCKED_MODULE} only`;
  switch (form) {
    case 'call':
      return `${because}. Mock "${module}" there too, as the fix of that file does, and run the fix again`;
    case 'library':
      return `${because}. Replace "${module}" there too`;
    case 'alias':
      return `${because}. Give "${module}" the same alias`;
  }
}
