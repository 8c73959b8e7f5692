import { posix } from 'node:path';
import { runsOutput, runsSources } from '../project/entry-file.js';
import type { Framework } from '../project/manifest.js';
import { type Language, type ModuleKind, moduleOf } from '../project/module-system.js';
import type { Project } from '../project/project.js';
import { insertAtTop } from '../source/insert-at-top.js';
import { inStyle, literal, mask, type Style, styleOf, withoutComments } from '../source/source-text.js';

/** What a bootstrap module is made of. */
export interface BootstrapFacts {
  readonly service: string;
  readonly framework: Framework;
  readonly module: ModuleKind;
  readonly language: Language;
  readonly style: Style;
}

/** How each framework gives away what has to be stopped, as a line of the service. */
export const stopLines: Readonly<Record<Framework, { readonly line: string; readonly why: string }>> = {
  plain: {
    line: 'stopFirst(server.listen(3000));',
    why: 'an HTTP server, a queue worker, anything with close(), or a function',
  },
  express: {
    line: 'stopFirst(app.listen(3000));',
    why: 'app.listen() gives the server, which is what stops',
  },
  fastify: { line: 'stopFirst(app);', why: 'app.close() runs the onClose hooks of its plugins' },
  nest: {
    line: 'stopFirst(app);',
    why: 'app.close() runs the same hooks of providers, so leave app.enableShutdownHooks() out',
  },
};

const names = (facts: BootstrapFacts, name: string) => literal(name, facts.style);

function imports(facts: BootstrapFacts): readonly string[] {
  const [core, dropin] = ['redis-hygiene', 'redis-hygiene/ioredis'].map((name) => names(facts, name));
  if (facts.language === 'ts') {
    return [
      `import { installShutdownHooks, type BeforeStep, type RedisFactory } from ${core};`,
      `import { configure, defaultFactory } from ${dropin};`,
    ];
  }
  const hooks = '{ installShutdownHooks }';
  const own = '{ configure, defaultFactory }';
  return facts.module === 'esm'
    ? [`import ${hooks} from ${core};`, `import ${own} from ${dropin};`]
    : [`const ${hooks} = require(${core});`, `const ${own} = require(${dropin});`];
}

function body(facts: BootstrapFacts): readonly string[] {
  const isTs = facts.language === 'ts';
  const isExported = isTs || facts.module === 'esm';
  const exported = isExported ? 'export ' : '';
  const { line, why } = stopLines[facts.framework];
  return [
    '// With connection: process.env.REDIS_URL, too, redis.client() and redis.options() need no address.',
    `configure({ service: ${literal(facts.service, facts.style)} });`,
    '',
    '/** redis.client(), redis.subscriber(), redis.pool(), redis.connections(); libraries take redis.options(). */',
    `${exported}const redis${isTs ? ': RedisFactory' : ''} = defaultFactory();`,
    '',
    '// All that goes wrong is heard here: a dial that failed, a refused name or password, a full budget.',
    `redis.on(${names(facts, 'error')}, (error) => console.error(error.code, error.message));`,
    '',
    `const first${isTs ? ': BeforeStep[]' : ''} = [];`,
    '',
    '/**',
    ' * What is given here is stopped before Redis is closed, the last one first:',
    ` * ${line}`,
    ` * (${why})`,
    ' */',
    `${exported}function stopFirst${isTs ? '<Step extends BeforeStep>(step: Step): Step' : '(step)'} {`,
    '  first.push(step);',
    '  return step;',
    '}',
    '',
    '// On SIGTERM and SIGINT these stop, replies come in, connections close, and the process exits with 0.',
    'installShutdownHooks(redis, { before: first });',
    ...(isExported ? [] : ['', 'module.exports = { redis, stopFirst };']),
  ];
}

/** The module that makes a service hygienic. Nothing in it is secret to its reader: it is theirs from now on. */
export function bootstrapText(facts: BootstrapFacts): string {
  const head = [
    '// Redis of this service: each connection is named, alive, counted, and closed at the end (redis-hygiene).',
    '// The entry imports this module first: it has to run before the first client is made.',
  ];
  return inStyle([...head, ...imports(facts), '', ...body(facts)], facts.style);
}

/** Whether a text is a bootstrap, in whatever way its owner has changed it since. */
export function isBootstrap(text: string): boolean {
  return /['"]redis-hygiene(?:\/ioredis)?['"]/.test(text);
}

const STEM = 'redis-hygiene';

/** Where the bootstrap stands: beside the entry, with an extension that says what it is where the package does not. */
export function bootstrapPath(
  project: Project,
  language: Language,
  module: ModuleKind,
  hasSrc: boolean,
): string {
  const { entry, manifest } = project;
  const folder = entry ? posix.dirname(entry.path) : hasSrc ? 'src' : '.';
  const own = /\.([cm]?)[jt]sx?$/.exec(entry?.path ?? '')?.[1] ?? '';
  const isOwn = moduleOf(project) === module;
  const isSaid =
    language === 'ts' || (manifest.type ?? 'commonjs') === (module === 'esm' ? 'module' : 'commonjs');
  const letter = isOwn && (own !== '' || isSaid) ? own : module === 'esm' ? 'm' : 'c';
  return posix.join(folder, `${STEM}.${letter}${language}`);
}

const RELATIVE = /\b(?:from|import|require\()\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** How the modules of a project name each other: by their own extension, by that of the output, or by none. */
function habit({ entry, tsconfig, manifest }: Project, module: ModuleKind): 'ts' | 'js' | 'none' {
  const seen = [...withoutComments(entry?.text ?? '').matchAll(RELATIVE)].map(([, name = '']) => name);
  const said = seen.flatMap((name) => /\.[cm]?([jt]s)x?$/.exec(name)?.[1] ?? []);
  if (said[0] !== undefined) return said[0] === 'ts' ? 'ts' : 'js';
  if (seen.some((name) => !/\.(?:json|css|svg|html|node|wasm)$/.test(name))) return 'none';
  if (runsSources(manifest) || tsconfig?.importsTs) return 'ts';
  if (module === 'commonjs') return 'none';
  const isBundled = tsconfig?.resolution === 'bundler' && !runsOutput(manifest);
  return isBundled ? 'none' : 'js';
}

/** How the entry names the bootstrap. */
export function specifierOf(project: Project, path: string, module: ModuleKind): string {
  const [, stem = '', letter = '', language = 'js'] = /([^/]+)\.([cm]?)([jt]s)$/.exec(path) ?? [];
  const style = habit(project, module);
  if (language === 'ts' && style === 'ts') return `./${stem}.${letter}ts`;
  if (letter !== '') return `./${stem}.${letter}js`; // nothing looks for those by itself
  return style === 'none' && (language === 'ts' || module === 'commonjs') ? `./${stem}` : `./${stem}.js`;
}

/** Whether a module loads the bootstrap already, under whatever extension. */
export function loadsBootstrap(text: string): boolean {
  const LOADS = /\b(?:from|import|require\()\s*['"]\.{1,2}\/(?:[^'"]*\/)?redis-hygiene(?:\.[cm]?[jt]s)?['"]/g;
  const code = mask(text);
  return [...withoutComments(text).matchAll(LOADS)].some(({ index }) => code.charAt(index) !== '_');
}

/** The line that loads the bootstrap, as the entry would say it. */
export function loadLine(specifier: string, form: 'import' | 'require', text = ''): string {
  const style = styleOf(text);
  const name = literal(specifier, style);
  return `${form === 'import' ? `import ${name}` : `require(${name})`}${style.semicolon}`;
}

/** The entry with that line where its first import belongs. */
export function withLoadLine(text: string, line: string): string {
  return insertAtTop(text, line, styleOf(text).eol);
}
