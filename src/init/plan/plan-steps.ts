import { type Framework, frameworks, usesBullmq } from '../project/manifest.js';
import { usesImportSyntax } from '../project/module-system.js';
import { readText } from '../project/project-files.js';
import type { Project } from '../project/project.js';
import { addScripts } from '../source/json-edit.js';
import { styleOf } from '../source/source-text.js';
import {
  adapterLinesOf,
  bootstrapText,
  bullLines,
  bullModuleLines,
  isBootstrap,
  loadLine,
  loadsBootstrap,
  stopLines,
  withLoadLine,
} from './bootstrap-module.js';
import {
  CONFIG_ENTRY,
  formOf,
  hasPlugin,
  newEslintConfig,
  parserOf,
  pluginLine,
  withPlugin,
} from './eslint-config.js';
import { change, type Choices, note, nothing, type PlanNote, type PlanPart } from './plan.js';

/** Plans the bootstrap module. An existing file in its place is kept. */
export function planBootstrap(project: Project, choices: Choices, path: string): PlanPart {
  const style = styleOf(project.entry?.text ?? project.manifest.text.replace(/[^\r\n]/g, ''));
  const after = bootstrapText({ ...choices, style, usesBullmq: usesBullmq(project.manifest) });
  const before = readText(project.folder, path);
  if (before === undefined) {
    const { title } = frameworks[choices.framework];
    const module = choices.module === 'esm' ? 'ES modules' : 'CommonJS';
    return change({ path, before, after, what: `service ${choices.service}, ${title}, ${module}` });
  }
  if (before === after || isBootstrap(before)) return nothing;
  const text = `${path} exists and does not use redis-hygiene. It was kept: rename it, and run init again.`;
  return note({ kind: 'todo', text });
}

/** The step that is left where no entry file was found: the bootstrap module belongs beside it. */
export const entryNotFound: PlanPart = note({
  kind: 'todo',
  text: 'The file that the service starts with was not found, so no bootstrap module was written. Run init again with --entry and the path of that file.',
});

/** Plans the line of the entry file that loads the bootstrap module first. */
export function planEntry(project: Project, specifier: string): PlanPart {
  const { entry } = project;
  const form = usesImportSyntax(project) ? 'import' : 'require';
  const line = loadLine(specifier, form, entry?.text);
  if (!entry || loadsBootstrap(entry.text)) return nothing;
  const { path, text } = entry;
  return change({ path, before: text, after: withLoadLine(text, line), what: `${line} comes first` });
}

/** Plans a note on how to register what must stop before Redis. Only the owner of the service knows where it is created. */
export function planStop(
  { entry, folder }: Project,
  { framework }: Choices,
  specifier: string,
  path: string,
): PlanPart {
  const isUsed = [
    entry?.text,
    readText(folder, path)?.replace(/^.*function stopFirst.*$|^ \*.*$/gm, ''),
  ].some((text) => /\bstopFirst\(/.test(text ?? ''));
  if (isUsed) return nothing;
  const { line, why } = stopLines[framework];
  const text = `Where the service starts to listen, register what stops before Redis (${why}), with stopFirst of ${specifier}:`;
  return note(...adapterNotes(framework, specifier), { kind: 'note', text, lines: [line] });
}

function adapterNotes(framework: Framework, specifier: string): readonly PlanNote[] {
  const adapter = adapterLinesOf(framework);
  if (!adapter) return [];
  const { title } = frameworks[framework];
  const text = `${title} has an adapter (${adapter.page}), for redis of ${specifier}:`;
  return [{ kind: 'note', text, lines: adapter.lines }];
}

/** Plans a note on how the classes of BullMQ use the bootstrap module. */
export function planBullmq({ entry, folder, manifest }: Project, specifier: string, path: string): PlanPart {
  const isKnown = [entry?.text, readText(folder, path)].some((text) =>
    /\bbull\.(?:queue|track)\b/.test(text ?? ''),
  );
  if (!usesBullmq(manifest) || isKnown) return nothing;
  const text = `BullMQ has an adapter: pass bull of ${specifier} to its classes (docs/bullmq.md):`;
  const lines = '@nestjs/bullmq' in manifest.dependencies ? bullModuleLines : bullLines;
  return note({ kind: 'note', text, lines });
}

/** Plans a note on the address of Redis, without which the factory of the bootstrap module dials localhost:6379. */
export function planConnection(
  { folder, manifest }: Project,
  { framework, service }: Choices,
  path: string,
): PlanPart {
  const isNeeded = usesBullmq(manifest) || adapterLinesOf(framework) !== undefined;
  const isGiven = /\bconfigure\([^)]*\bconnection\b/.test(readText(folder, path) ?? '');
  if (!isNeeded || isGiven) return nothing;
  const text = `Give ${path} the address of your Redis: what uses the adapters below dials localhost:6379 without it.`;
  return note({
    kind: 'note',
    text,
    lines: [`configure({ service: '${service}', connection: process.env.REDIS_URL });`],
  });
}

const eslintLines = (form: 'import' | 'require') => [pluginLine(form), `${CONFIG_ENTRY}, // in the array`];

function planNewConfig(project: Project): PlanPart {
  const { path, text } = newEslintConfig(project);
  const made = change({ path, before: undefined, after: text, what: 'the rules of redis-hygiene' });
  if (!project.tsconfig || parserOf(project)) return made;
  const install = `ESLint does not parse TypeScript by itself: ${project.packageManager.addDev} typescript-eslint, and set its parser`;
  const lines = ["{ files: ['**/*.{ts,mts,cts}'], languageOptions: { parser: tseslint.parser } },"];
  return { ...made, notes: [{ kind: 'todo', text: `${install} in ${path}:`, lines }] };
}

/** Lines for `.oxlintrc.json`. */
const OXLINT_LINES = [
  '"jsPlugins": ["redis-hygiene/eslint"],',
  '"rules": { "redis-hygiene/no-direct-client": "error" } // and the others: docs/lint.md',
];

/** Plans the lint rules, where the project uses ESLint or oxlint. */
export function planEslint(project: Project): PlanPart {
  const { eslint } = project;
  if (eslint.kind === 'none') {
    const text = `This project does not use ESLint, which finds plain clients and moves imports (docs/lint.md). To use it: ${project.packageManager.addDev} eslint, and run init again. Without it, import "redis-hygiene/ioredis" in place of "ioredis" by hand.`;
    return note({ kind: 'note', text });
  }
  if (eslint.kind === 'oxlint') {
    if (hasPlugin(eslint.text)) return nothing;
    return note({
      kind: 'todo',
      text: `Add the rules of redis-hygiene to ${eslint.path}:`,
      lines: OXLINT_LINES,
    });
  }
  if (eslint.kind === 'unconfigured') return planNewConfig(project);
  if (eslint.kind === 'eslintrc') {
    const text = `${eslint.path} has the old format, which redis-hygiene/eslint does not support. In eslint.config.js, add:`;
    return note({ kind: 'todo', text, lines: eslintLines('import') });
  }
  const { path, text } = eslint;
  if (hasPlugin(text)) return nothing;
  const lines = eslintLines(formOf(text));
  if (eslint.kind === 'shared') {
    return note({ kind: 'todo', text: `${path} is shared with other packages. Add to it:`, lines });
  }
  const after = withPlugin(text);
  if (after !== undefined) return change({ path, before: text, after, what: CONFIG_ENTRY });
  return note({ kind: 'todo', text: `${path} has an unknown shape. Add to it:`, lines });
}

/** Plans the missing scripts of package.json. */
export function planScripts({ manifest, eslint }: Project): PlanPart {
  const isLinted = eslint.kind === 'flat' || eslint.kind === 'unconfigured';
  const wanted = { ...(isLinted && { lint: 'eslint .' }), 'redis:doctor': 'redis-hygiene doctor' };
  const missing = Object.entries(wanted).filter(([name]) => !(name in manifest.scripts));
  if (missing.length === 0) return nothing;
  const after = addScripts(manifest.text, Object.fromEntries(missing));
  const names = missing.map(([name]) => name).join(', ');
  if (after !== undefined) {
    return change({ path: 'package.json', before: manifest.text, after, what: `scripts ${names}` });
  }
  const lines = missing.map(([name, command]) => `"${name}": "${command}",`);
  return note({
    kind: 'todo',
    text: 'package.json has an unknown shape. Add the scripts:',
    lines,
  });
}
