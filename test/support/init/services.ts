import type { Framework } from '../../../src/init/project/manifest.js';

/** How a service is written: what it says to load a module, and whether it says types. */
export interface Form {
  readonly loads: 'import' | 'require';
  readonly types: 'types' | 'none';
}

/** A part of a service: names that it takes from a package, and what it does with them. */
interface Parts {
  readonly names: string;
  readonly from: string;
  readonly lines: readonly string[];
}

const ready = (port: string) => `process.send?.({ port: ${port} })`;

const parts: Readonly<Record<Framework, (form: Form) => Parts>> = {
  plain: () => ({
    names: '{ createServer }',
    from: 'node:http',
    lines: [
      'const server = createServer((_request, response) => void answer().then((text) => response.end(text)));',
      "server.listen(0, '127.0.0.1').on('listening', () => {",
      `  ${ready('server.address()')};`,
      '});',
    ],
  }),
  express: () => ({
    names: 'express',
    from: 'express',
    lines: [
      'const app = express();',
      "app.get('/', (_request, response) => void answer().then((text) => response.send(text)));",
      "const server = app.listen(0, '127.0.0.1');",
      `server.on('listening', () => ${ready('server.address()')});`,
    ],
  }),
  fastify: () => ({
    names: 'fastify',
    from: 'fastify',
    lines: [
      'const app = fastify();',
      "app.get('/', () => answer());",
      "await app.listen({ port: 0, host: '127.0.0.1' });",
      `${ready('app.server.address()')};`,
    ],
  }),
  nest: ({ types }) => ({
    names: '{ NestFactory }',
    from: '@nestjs/core',
    lines: [
      'class AppModule {}',
      'const app = await NestFactory.create(AppModule, { logger: false });',
      `app.use((_request${types === 'types' ? ': unknown' : ''}, response${types === 'types' ? ': ServerResponse' : ''}) => void answer().then((text) => response.end(text)));`,
      "await app.listen(0, '127.0.0.1');",
      `${ready('app.getHttpServer().address()')};`,
    ],
  }),
};

function load(names: string, from: string, { loads }: Form): string {
  return loads === 'import' ? `import ${names} from '${from}';` : `const ${names} = require('${from}');`;
}

/** A service that answers after a while, with what it has from Redis. It is as its owner wrote it: raw ioredis, and no thought of its end. */
export function serviceText(framework: Framework, form: Form): string {
  const { names, from, lines } = parts[framework](form);
  const isNest = framework === 'nest';
  return [
    '// The orders service.',
    '',
    ...(isNest
      ? [form.loads === 'import' ? "import 'reflect-metadata';" : "require('reflect-metadata');"]
      : []),
    ...(isNest && form.types === 'types' ? ["import type { ServerResponse } from 'node:http';"] : []),
    load(names, from, form),
    load(form.loads === 'import' ? '{ Redis }' : 'Redis', 'ioredis', form),
    '',
    `const client = new Redis(process.env.REDIS_URL${form.types === 'types' ? ' as string' : ''});`,
    '',
    'async function answer() {',
    "  process.send?.('asked');",
    '  await new Promise((resolve) => setTimeout(resolve, 300));',
    '  return client.ping();',
    '}',
    '',
    'async function main() {',
    ...lines.map((line) => `  ${line}`),
    '}',
    'void main();',
    '',
  ].join('\n');
}

/** What its owner does after `init`, as it told: the import of ioredis, and what stops first. */
export function adopted(text: string, framework: Framework): string {
  const stops = {
    plain: ['server.listen(0', 'stopFirst(server).listen(0'],
    express: ["app.listen(0, '127.0.0.1')", "stopFirst(app.listen(0, '127.0.0.1'))"],
    fastify: ['await app.listen', 'stopFirst(app);\n  await app.listen'],
    nest: ['await app.listen', 'stopFirst(app);\n  await app.listen'],
  } as const;
  const [line, stopped] = stops[framework];
  return text
    .replace(/^import '(\.\/redis-hygiene[^']*)'/m, "import { stopFirst } from '$1'")
    .replace(/^require\('(\.\/redis-hygiene[^']*)'\)/m, "const { stopFirst } = require('$1')")
    .replace("'ioredis'", "'redis-hygiene/ioredis'")
    .replace(line, stopped);
}
