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

test('a plan is written whole', () => {
  const { dir, all } = project(files);
  applyPlan({
    folder: dir,
    changes: [change('a.js', 'a\n', 'A'), change('c.js', undefined, 'c\n')],
    told: [],
  });
  expect(all()).toEqual({ 'a.js': 'A', 'b.js': 'b\n', 'c.js': 'c\n' });
});

test.for([
  ['a file that was changed in the meantime', change('b.js', 'other\n', 'B')],
  ['a file that is gone', change('d.js', 'd\n', 'D')],
  ['a file that is there by now', change('b.js', undefined, 'B')],
  ['a folder that is not there', change('no/b.js', undefined, 'B')],
] as const)('nothing is written where it has %s', ([, refused]) => {
  const { dir, all } = project(files);
  const plan = { folder: dir, changes: [change('a.js', 'a\n', 'A'), refused], told: [] };
  thrown('HYG_INIT_WRITE', () => applyPlan(plan));
  expect(all()).toEqual(files);
});

test('what was written is taken back where a later write fails', () => {
  const { dir, all } = project(files);
  // Both checks pass, and then the second one finds the file of the first.
  const changes = [
    change('a.js', 'a\n', 'A'),
    change('c.js', undefined, '1'),
    change('c.js', undefined, '2'),
  ];
  thrown('HYG_INIT_WRITE', () => applyPlan({ folder: dir, changes, told: [] }));
  expect(all()).toEqual(files);
});
