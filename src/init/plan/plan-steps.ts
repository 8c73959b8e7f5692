import { frameworks } from '../project/manifest.js';
import { saysImport } from '../project/module-system.js';
import { readText } from '../project/project-files.js';
import type { Project } from '../project/project.js';
import { addScripts } from '../source/json-edit.js';
import { styleOf } from '../source/source-text.js';
import {
  bootstrapText,
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
import { change, type Choices, nothing, type PlanPart, tell } from './plan.js';

/** The module that configures everything. What stands in its place is kept, whatever it is. */
export function planBootstrap(project: Project, choices: Choices, path: string): PlanPart {
  const style = styleOf(project.entry?.text ?? project.manifest.text.replace(/[^\r\n]/g, ''));
  const after = bootstrapText({ ...choices, style });
  const before = readText(project.folder, path);
  if (before === undefined) {
    const { title } = frameworks[choices.framework];
    const module = choices.module === 'esm' ? 'ES modules' : 'CommonJS';
    return change({ path, before, after, what: `service ${choices.service}, ${title}, ${module}` });
  }
  if (before === after || isBootstrap(before)) return nothing;
  const text = `${path} is there, and has nothing to do with redis-hygiene. It was kept; rename it, and run this again.`;
  return tell({ kind: 'todo', text });
}

/** The line of the entry that loads it first. */
export function planEntry(project: Project, specifier: string): PlanPart {
  const { entry } = project;
  const form = saysImport(project) ? 'import' : 'require';
  const line = loadLine(specifier, form, entry?.text);
  if (!entry) {
    const text = `No file was found that the service starts with. Put this before its first ${form}, or name it with --entry:`;
    return tell({ kind: 'todo', text, lines: [line] });
  }
  if (loadsBootstrap(entry.text)) return nothing;
  const { path, text } = entry;
  return change({ path, before: text, after: withLoadLine(text, line), what: `${line} comes first` });
}

/** How what must stop before Redis is given away: nobody but its owner knows where it is made. */
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
  const text = `Where the service starts to listen, say what stops before Redis does (${why}), with stopFirst of ${specifier}:`;
  return tell({ kind: 'note', text, lines: [line] });
}

const eslintLines = (form: 'import' | 'require') => [pluginLine(form), `${CONFIG_ENTRY}, // in the array`];

function planNewConfig(project: Project): PlanPart {
  const { path, text } = newEslintConfig(project);
  const made = change({ path, before: undefined, after: text, what: 'the rules of redis-hygiene' });
  if (!project.tsconfig || parserOf(project)) return made;
  const install =
    'ESLint reads no TypeScript by itself: npm install --save-dev typescript-eslint, and give files';
  const lines = ["{ files: ['**/*.{ts,mts,cts}'], languageOptions: { parser: tseslint.parser } },"];
  return { ...made, told: [{ kind: 'todo', text: `${install} that parser in ${path}:`, lines }] };
}

/** The lint rules, where the project is linted at all. */
export function planEslint(project: Project): PlanPart {
  const { eslint } = project;
  if (eslint.kind === 'none') {
    const text =
      'ESLint is not used here. With it, redis-hygiene/eslint keeps raw clients out: docs/lint.md.';
    return tell({ kind: 'note', text });
  }
  if (eslint.kind === 'unconfigured') return planNewConfig(project);
  if (eslint.kind === 'old') {
    const text = `${eslint.path} is of the old form, which the rules of redis-hygiene do not come in. In eslint.config.js they are:`;
    return tell({ kind: 'todo', text, lines: eslintLines('import') });
  }
  const { path, text } = eslint;
  if (hasPlugin(text)) return nothing;
  const lines = eslintLines(formOf(text));
  if (eslint.kind === 'above') {
    return tell({ kind: 'todo', text: `${path} is for other packages, too. Put into it:`, lines });
  }
  const after = withPlugin(text);
  if (after !== undefined) return change({ path, before: text, after, what: CONFIG_ENTRY });
  return tell({ kind: 'todo', text: `${path} has a shape that is not known here. Put into it:`, lines });
}

/** The scripts that are not there yet. */
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
  return tell({
    kind: 'todo',
    text: 'package.json has a shape that is not known here. Add the scripts:',
    lines,
  });
}
