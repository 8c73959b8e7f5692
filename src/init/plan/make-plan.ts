import { posix } from 'node:path';
import { sanitizePart } from '../../identity/connection-name.js';
import { moduleKindOf } from '../project/module-system.js';
import { isFile, readText } from '../project/project-files.js';
import type { Project } from '../project/project.js';
import { bootstrapPath, isBootstrap, specifierOf } from './bootstrap-module.js';
import {
  entryNotFound,
  planBootstrap,
  planEntry,
  planEslint,
  planBullmq,
  planConnection,
  planScripts,
  planStop,
} from './plan-steps.js';
import type { Choices, Plan, PlanNote, PlanPart } from './plan.js';

const EXTENSIONS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'];

/** Path of a bootstrap module that an earlier run wrote, perhaps with another extension. */
function existingBootstrap(folder: string, path: string): string | undefined {
  const stem = posix.join(posix.dirname(path), posix.basename(path, posix.extname(path)));
  const files = EXTENSIONS.map((extension) => `${stem}.${extension}`).filter((one) => isFile(folder, one));
  return files.find((one) => isBootstrap(readText(folder, one) ?? ''));
}

/** Plans all changes of a project. Reads files and writes none. */
export function makePlan(project: Project, given: Choices): Plan {
  const choices = { ...given, service: sanitizePart(given.service) };
  const parts = [...planModule(project, choices), planEslint(project), planScripts(project)];
  return {
    folder: project.folder,
    changes: parts.flatMap(({ changes }) => changes),
    notes: [...parts.flatMap(({ notes }) => notes), ...notesOf(project, choices)],
  };
}

/** Plans the bootstrap module beside the entry file, and the line that loads it. */
function planModule(project: Project, choices: Choices): readonly PlanPart[] {
  if (!project.entry) return [entryNotFound];
  const usual = bootstrapPath(project.entry.path, project, choices);
  const path = existingBootstrap(project.folder, usual) ?? usual;
  const specifier = specifierOf(project, path, choices.module);
  const bootstrap = planBootstrap(project, choices, path);
  // A foreign module of that name may do anything, so the entry file does not load it.
  const isForeign = bootstrap.notes.some(({ kind }) => kind === 'todo');
  if (isForeign) return [bootstrap];
  const uses = [planStop(project, choices, specifier, path), planBullmq(project, specifier, path)];
  const isUseLeft = uses.some(({ notes }) => notes.length > 0);
  return [
    bootstrap,
    planEntry(project, specifier),
    ...(isUseLeft ? [planConnection(project, choices, path)] : []),
    ...uses,
  ];
}

function installationNotes({ manifest: { dependencies }, packageManager }: Project): readonly PlanNote[] {
  const missing = ['redis-hygiene', 'ioredis'].filter((name) => !(name in dependencies));
  const isOld = /^[~^v=]*[0-4](?:\.|$)/.test(dependencies['ioredis'] ?? '');
  return [
    ...(missing.length > 0 ? [`Next: ${packageManager.add} ${missing.join(' ')}`] : []),
    ...(isOld
      ? [`The installed ioredis is too old: ${packageManager.add} ioredis@6 (5.11 or later works, too).`]
      : []),
  ].map((text) => ({ kind: 'note', text }));
}

/** Client packages that the drop-in does not replace. */
const OTHER_CLIENTS = ['redis', 'iovalkey', '@valkey/valkey-glide', '@redis/client', 'node-redis'];

function otherClientNotes({ manifest: { dependencies } }: Project): readonly PlanNote[] {
  const found = OTHER_CLIENTS.filter((name) => name in dependencies);
  if (found.length === 0) return [];
  const text = `Clients of ${found.join(', ')} are not enforced: replace them by redis.client(), step by step (docs/adopt.md).`;
  return [{ kind: 'note', text }];
}

function typescriptNotes(project: Project, { language, module }: Choices): readonly PlanNote[] {
  const { tsconfig } = project;
  if (language === 'js' || !tsconfig) return [];
  const isCommonJs = module === 'commonjs' && moduleKindOf(project) === 'commonjs';
  return [
    ...(tsconfig.isBroken
      ? ['tsconfig.json, or a file that it extends, could not be read: defaults are assumed.']
      : []),
    ...(isCommonJs && tsconfig.isVerbatim
      ? [
          'tsconfig.json: with "verbatimModuleSyntax" a CommonJS module cannot use import or export. Run with --language js.',
        ]
      : []),
  ].map((text) => ({ kind: 'note', text }));
}

function autofixNotes({ eslint, manifest, packageManager: { exec } }: Project): readonly PlanNote[] {
  if (eslint.kind === 'none' || !('ioredis' in manifest.dependencies)) return [];
  const command = eslint.kind === 'oxlint' ? `${exec} oxlint --fix` : `${exec} eslint . --fix`;
  return [{ kind: 'note', text: `Then: ${command} moves imports of ioredis to redis-hygiene/ioredis.` }];
}

/** Notes about the project, and the next steps. */
function notesOf(project: Project, choices: Choices): readonly PlanNote[] {
  return [
    ...typescriptNotes(project, choices),
    ...otherClientNotes(project),
    ...installationNotes(project),
    ...autofixNotes(project),
  ];
}
