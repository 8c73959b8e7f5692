import { expect, test } from 'vitest';
import { applyPlan } from '../../../src/init/apply-plan.js';
import type { FileChange } from '../../../src/init/plan/plan.js';
import { useProjects } from '../../support/init/project.js';
import { thrown } from '../../support/unit/thrown.js';

const project = useProjects();
const files = { 'a.js': 'a\n', 'b.js': 'b\n' };

function change(path: string, before: string | undefined, after: string): FileChange {
  return { path, before, after, what: '' };
}

test('writes all changes of a plan', () => {
  const { dir, all } = project(files);
  applyPlan({
    folder: dir,
    changes: [change('a.js', 'a\n', 'A'), change('c.js', undefined, 'c\n')],
    notes: [],
  });
  expect(all()).toEqual({ 'a.js': 'A', 'b.js': 'b\n', 'c.js': 'c\n' });
});

test.for([
  ['a file changed since it was read', change('b.js', 'other\n', 'B')],
  ['a file to change has been deleted', change('d.js', 'd\n', 'D')],
  ['a file to create exists by now', change('b.js', undefined, 'B')],
  ['a folder does not exist', change('no/b.js', undefined, 'B')],
] as const)('writes nothing when %s', ([, refused]) => {
  const { dir, all } = project(files);
  const plan = { folder: dir, changes: [change('a.js', 'a\n', 'A'), refused], notes: [] };
  thrown('HYG_INIT_WRITE', () => applyPlan(plan));
  expect(all()).toEqual(files);
});

test('undoes the earlier writes when a later one fails', () => {
  const { dir, all } = project(files);
  // Both changes of c.js pass the checks. The second write then finds the file that the first one created.
  const changes = [
    change('a.js', 'a\n', 'A'),
    change('c.js', undefined, '1'),
    change('c.js', undefined, '2'),
  ];
  thrown('HYG_INIT_WRITE', () => applyPlan({ folder: dir, changes, notes: [] }));
  expect(all()).toEqual(files);
});
