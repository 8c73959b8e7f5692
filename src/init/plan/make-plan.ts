import { posix } from 'node:path';
import { sanitizePart } from '../../identity/connection-name.js';
import { moduleOf } from '../project/module-system.js';
import { isFile, namesIn, readText } from '../project/project-files.js';
import type { Project } from '../project/project.js';
import { bootstrapPath, isBootstrap, specifierOf } from './bootstrap-module.js';
import { planBootstrap, planEntry, planEslint, planScripts, planStop } from './plan-steps.js';
import type { Choices, Plan, PlanNote } from './plan.js';

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

function installation({ manifest: { dependencies } }: Project): readonly PlanNote[] {
  const missing = ['redis-hygiene', 'ioredis'].filter((name) => !(name in dependencies));
  const isOld = /^[~^v=]*[0-4](?:\.|$)/.test(dependencies['ioredis'] ?? '');
  return [
    ...(missing.length > 0 ? [`Next: npm install ${missing.join(' ')}`] : []),
    ...(isOld ? ['ioredis is too old here: npm install ioredis@6 (5.11 or later works, too).'] : []),
  ].map((text) => ({ kind: 'note', text }));
}

/** What the drop-in does not stand for. */
const OTHERS = ['redis', 'iovalkey', '@valkey/valkey-glide', '@redis/client', 'node-redis'];

function otherClients({ manifest: { dependencies } }: Project): readonly PlanNote[] {
  const found = OTHERS.filter((name) => name in dependencies);
  if (found.length === 0) return [];
  const text = `Clients of ${found.join(', ')} are not ours: redis.client() takes their place, step by step (docs/adopt.md).`;
  return [{ kind: 'note', text }];
}

function typescript(project: Project, { language, module }: Choices): readonly PlanNote[] {
  const { tsconfig } = project;
  if (language === 'js' || !tsconfig) return [];
  const isCommonJs = module === 'commonjs' && moduleOf(project) === 'commonjs';
  const isOld = /^node(?:10)?$|^classic$/.test(tsconfig.resolution ?? '');
  const isStrict = isCommonJs && /^node1[68]$/.test(tsconfig.module ?? '');
  return [
    ...(tsconfig.isBroken
      ? ['tsconfig.json, or one that it extends, could not be read: what it says is guessed.']
      : []),
    ...(isOld
      ? [
          'tsconfig.json: with "moduleResolution": "node" TypeScript finds no redis-hygiene/ioredis. Use "nodenext" or "bundler".',
        ]
      : []),
    ...(isStrict
      ? [
          'tsconfig.json: "module": "node16" lets CommonJS require no ES module. Use "nodenext" (TypeScript 5.8 or later).',
        ]
      : []),
    ...(isCommonJs && tsconfig.isVerbatim
      ? [
          'tsconfig.json: with "verbatimModuleSyntax" a CommonJS module may not say import or export. Run with --language js.',
        ]
      : []),
  ].map((text) => ({ kind: 'note', text }));
}

function autofix({ eslint, manifest }: Project): readonly PlanNote[] {
  if (eslint.kind === 'none' || !('ioredis' in manifest.dependencies)) return [];
  return [
    { kind: 'note', text: 'Then: npx eslint . --fix moves imports of ioredis to redis-hygiene/ioredis.' },
  ];
}

/** What is good to know, and what comes next. */
function notesOf(project: Project, choices: Choices): readonly PlanNote[] {
  return [
    ...typescript(project, choices),
    ...otherClients(project),
    ...installation(project),
    ...autofix(project),
  ];
}
