import { posix } from 'node:path';
import { isFile, namesIn, readText } from '../project/files.js';
import { sanitizePart } from '../../identity/connection-name.js';
import type { Project } from '../project/project.js';
import { isBootstrap } from './bootstrap.js';
import { bootstrapPath, specifierOf } from './names.js';
import { notesOf } from './notes.js';
import { planBootstrap, planEntry, planEslint, planScripts, planStop } from './parts.js';
import type { Choices, Plan } from './plan.js';

const EXTENSIONS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'];

/** A bootstrap that an earlier run made, under another extension perhaps: it is the one. */
function existing(folder: string, path: string): string | undefined {
  const stem = posix.join(posix.dirname(path), posix.basename(path, posix.extname(path)));
  const there = EXTENSIONS.map((extension) => `${stem}.${extension}`).filter((one) => isFile(folder, one));
  return there.find((one) => isBootstrap(readText(folder, one) ?? ''));
}

/** All that has to be done to a project. It reads, and writes nothing. */
export function makePlan(project: Project, given: Choices): Plan {
  const choices = { ...given, service: sanitizePart(given.service) };
  const { folder } = project;
  const hasSrc = namesIn(folder).includes('src');
  const usual = bootstrapPath(project, choices.language, choices.module, hasSrc);
  const path = existing(folder, usual) ?? usual;
  const specifier = specifierOf(project, path, choices.module);
  const bootstrap = planBootstrap(project, choices, path);
  // What a foreign module of that name does is not known: it is not loaded.
  const isForeign = bootstrap.told.some(({ kind }) => kind === 'todo');
  const parts = [
    bootstrap,
    ...(isForeign ? [] : [planEntry(project, specifier), planStop(project, choices, specifier, path)]),
    planEslint(project),
    planScripts(project),
  ];
  return {
    folder,
    changes: parts.flatMap(({ changes }) => changes),
    told: [...parts.flatMap(({ told }) => told), ...notesOf(project, choices)],
  };
}
