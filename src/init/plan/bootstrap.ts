import type { Framework } from '../project/framework.js';
import type { Language, ModuleKind } from '../project/modules.js';
import { inStyle, literal, type Style } from '../source/style.js';

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
