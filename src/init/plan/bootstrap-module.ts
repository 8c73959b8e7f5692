import { posix } from 'node:path';
import { runsOutput, runsSources } from '../project/entry-file.js';
import type { Framework } from '../project/manifest.js';
import { type Language, type ModuleKind, moduleKindOf } from '../project/module-system.js';
import type { Project } from '../project/project.js';
import {
  applyStyle,
  type CodeStyle,
  insertAtTop,
  mask,
  stringLiteral,
  styleOf,
  withoutComments,
} from '../source/source-text.js';

/** Facts that the text of a bootstrap module is made from. */
export interface BootstrapFacts {
  readonly service: string;
  readonly framework: Framework;
  readonly module: ModuleKind;
  readonly language: Language;
  readonly style: CodeStyle;
  /** Whether the service uses a BullMQ for which there is an adapter. */
  readonly usesBullmq: boolean;
}

/** Line by which a service registers what has to stop before Redis, per framework, and why. */
export const stopLines: Readonly<Record<Framework, { readonly line: string; readonly why: string }>> = {
  plain: {
    line: 'stopFirst(server.listen(3000));',
    why: 'an HTTP server, a queue worker, anything with close(), or a function',
  },
  express: {
    line: 'stopFirst(app.listen(3000));',
    why: 'app.listen() returns the server, which has to stop',
  },
  fastify: { line: 'stopFirst(app);', why: 'app.close() runs the onClose hooks of its plugins' },
  nest: {
    line: 'stopFirst(app);',
    why: 'app.close() runs the shutdown hooks of providers, so leave out app.enableShutdownHooks()',
  },
};

/** An adapter: what is imported from its entry point, and the line that uses it. */
interface Adapter {
  readonly name: string;
  readonly entry: string;
  readonly line: string;
}

const adapters: Readonly<Partial<Record<Framework, Adapter>>> = {
  express: { name: 'readyz', entry: 'express', line: "app.get('/readyz', readyz(redis));" },
  fastify: {
    name: 'redisHygiene',
    entry: 'fastify',
    line: "app.register(redisHygiene, { factory: redis, readiness: '/readyz' });",
  },
  nest: {
    name: 'RedisHygieneModule',
    entry: 'nestjs',
    line: 'RedisHygieneModule.forRoot({ factory: redis }), // in the imports of the root module',
  },
};

/** Lines by which a service uses the adapter of its framework, and its page in docs/; `undefined` if there is none. */
export function adapterLinesOf(
  framework: Framework,
): { readonly page: string; readonly lines: readonly string[] } | undefined {
  const adapter = adapters[framework];
  if (!adapter) return undefined;
  const { name, entry, line } = adapter;
  return { page: `docs/${entry}.md`, lines: [`import { ${name} } from 'redis-hygiene/${entry}';`, line] };
}

/** Lines by which the classes of BullMQ use the connections of the bootstrap module. */
export const bullLines: readonly string[] = [
  'new Queue(name, { connection: bull.queue });',
  'bull.track(new Worker(name, processor, { connection: bull.worker }));',
];

/** The line by which the module of Nest for BullMQ uses them. */
export const bullModuleLines: readonly string[] = [
  'BullModule.forRoot({ connection: bull.worker }), // in the imports of the root module',
];

const quoted = (facts: BootstrapFacts, name: string) => stringLiteral(name, facts.style);

function imports(facts: BootstrapFacts): readonly string[] {
  const isTs = facts.language === 'ts';
  const used = [
    [
      isTs ? 'installShutdownHooks, type BeforeStep, type RedisFactory' : 'installShutdownHooks',
      'redis-hygiene',
    ],
    ...(facts.usesBullmq
      ? [
          [
            isTs ? 'hygienicConnection, type HygienicConnection' : 'hygienicConnection',
            'redis-hygiene/bullmq',
          ],
        ]
      : []),
    ['configure, defaultFactory', 'redis-hygiene/ioredis'],
  ] as const;
  return used.map(([names = '', from = '']) =>
    isTs || facts.module === 'esm'
      ? `import { ${names} } from ${quoted(facts, from)};`
      : `const { ${names} } = require(${quoted(facts, from)});`,
  );
}

/** The connections of BullMQ, which are stopped after everything else that is registered. */
function bullmq(facts: BootstrapFacts, exported: string): readonly string[] {
  if (!facts.usesBullmq) return [];
  return [
    '/**',
    ' * Connections for BullMQ. What is tracked is closed before Redis connections, workers when their jobs have ended:',
    ...bullLines.map((line) => ` * ${line}`),
    ' */',
    `${exported}const bull${facts.language === 'ts' ? ': HygienicConnection' : ''} = hygienicConnection(redis);`,
    '',
  ];
}

/** Events that somebody has to see: without a listener they are silent. */
const warnings = ['suspect', 'stale', 'saturated', 'lease-overdue'] as const;

function body(facts: BootstrapFacts): readonly string[] {
  const isTs = facts.language === 'ts';
  const isExported = isTs || facts.module === 'esm';
  const exported = isExported ? 'export ' : '';
  const { line, why } = stopLines[facts.framework];
  return [
    '// Add connection: process.env.REDIS_URL, and redis.client() and redis.options() need no address.',
    `configure({ service: ${stringLiteral(facts.service, facts.style)} });`,
    '',
    '/** redis.client(), redis.subscriber(), redis.pool(), redis.connections(); libraries take redis.options(). */',
    `${exported}const redis${isTs ? ': RedisFactory' : ''} = defaultFactory();`,
    '',
    '// Every failure arrives here: a dial that failed, a refused name or password, a full budget.',
    `redis.on(${quoted(facts, 'error')}, (error) => console.error(error.code, error.message));`,
    '',
    '// A line of code that leaks clients, a dead peer, a full server, a lease that is held for too long.',
    `for (const name of [${warnings.map((name) => quoted(facts, name)).join(', ')}]${isTs ? ' as const' : ''}) {`,
    '  redis.on(name, (event) => console.warn(name, event));',
    '}',
    '',
    ...bullmq(facts, exported),
    `const first${isTs ? ': BeforeStep[]' : ''} = [${facts.usesBullmq ? 'bull' : ''}];`,
    '',
    '/**',
    ' * Registers something that stops before Redis connections are closed, last registered first:',
    ` * ${line}`,
    ` * (${why})`,
    ' */',
    `${exported}function stopFirst${isTs ? '<Step extends BeforeStep>(step: Step): Step' : '(step)'} {`,
    '  first.push(step);',
    '  return step;',
    '}',
    '',
    '// On SIGTERM and SIGINT: stops these, waits for replies, closes connections, exits with code 0.',
    '// Behind a load balancer add shutdownDelayMs: 5_000, so that it notices before the port closes.',
    'installShutdownHooks(redis, { before: first });',
    ...(isExported ? [] : ['', `module.exports = { redis, ${facts.usesBullmq ? 'bull, ' : ''}stopFirst };`]),
  ];
}

/** Text of the bootstrap module of a service. Its comments explain it, because the service owns and edits it. */
export function bootstrapText(facts: BootstrapFacts): string {
  const head = [
    '// Redis connections of this service: named, monitored, limited, closed on shutdown (redis-hygiene).',
    '// The entry file imports this module first, because it must run before the first client is created.',
  ];
  return applyStyle([...head, ...imports(facts), '', ...body(facts)], facts.style);
}

/** Whether a text is a bootstrap module, also one that its owner has edited. */
export function isBootstrap(text: string): boolean {
  return /['"]redis-hygiene(?:\/ioredis)?['"]/.test(text);
}

const STEM = 'redis-hygiene';

/** Path of the bootstrap module: beside the entry file, with an extension that fits the module kind. */
export function bootstrapPath(
  entryPath: string,
  project: Project,
  { language, module }: Pick<BootstrapFacts, 'language' | 'module'>,
): string {
  const { manifest } = project;
  const folder = posix.dirname(entryPath);
  const ownLetter = /\.([cm]?)[jt]sx?$/.exec(entryPath)?.[1] ?? '';
  const isEntryKind = moduleKindOf(project) === module;
  const isKindOfPackage =
    language === 'ts' || (manifest.type ?? 'commonjs') === (module === 'esm' ? 'module' : 'commonjs');
  const letter =
    isEntryKind && (ownLetter !== '' || isKindOfPackage) ? ownLetter : module === 'esm' ? 'm' : 'c';
  return posix.join(folder, `${STEM}.${letter}${language}`);
}

const RELATIVE = /\b(?:from|import|require\()\s*['"](\.{1,2}\/[^'"]+)['"]/g;

/** Extension that relative imports of a project have: that of the source, that of the output, or none. */
function importExtension({ entry, tsconfig, manifest }: Project, module: ModuleKind): 'ts' | 'js' | 'none' {
  const specifiers = [...withoutComments(entry?.text ?? '').matchAll(RELATIVE)].map(([, name = '']) => name);
  const extensions = specifiers.flatMap((name) => /\.[cm]?([jt]s)x?$/.exec(name)?.[1] ?? []);
  if (extensions[0] !== undefined) return extensions[0] === 'ts' ? 'ts' : 'js';
  if (specifiers.some((name) => !/\.(?:json|css|svg|html|node|wasm)$/.test(name))) return 'none';
  if (runsSources(manifest) || tsconfig?.importsTs) return 'ts';
  if (module === 'commonjs') return 'none';
  const isBundled = tsconfig?.resolution === 'bundler' && !runsOutput(manifest);
  return isBundled ? 'none' : 'js';
}

/** Specifier by which the entry file imports the bootstrap module. */
export function specifierOf(project: Project, path: string, module: ModuleKind): string {
  const [, stem = '', letter = '', language = 'js'] = /([^/]+)\.([cm]?)([jt]s)$/.exec(path) ?? [];
  const extension = importExtension(project, module);
  if (language === 'ts' && extension === 'ts') return `./${stem}.${letter}ts`;
  if (letter !== '') return `./${stem}.${letter}js`; // no resolver adds these extensions
  return extension === 'none' && (language === 'ts' || module === 'commonjs') ? `./${stem}` : `./${stem}.js`;
}

/** Whether a module already loads the bootstrap module, with any extension. */
export function loadsBootstrap(text: string): boolean {
  const LOADS = /\b(?:from|import|require\()\s*['"]\.{1,2}\/(?:[^'"]*\/)?redis-hygiene(?:\.[cm]?[jt]s)?['"]/g;
  const code = mask(text);
  return [...withoutComments(text).matchAll(LOADS)].some(({ index }) => code.charAt(index) !== '_');
}

/** Line that loads the bootstrap module, in the style of the entry file. */
export function loadLine(specifier: string, form: 'import' | 'require', text = ''): string {
  const style = styleOf(text);
  const name = stringLiteral(specifier, style);
  return `${form === 'import' ? `import ${name}` : `require(${name})`}${style.semicolon}`;
}

/** Text of the entry file with that line where its first import belongs. */
export function withLoadLine(text: string, line: string): string {
  return insertAtTop(text, line, styleOf(text).eol);
}
