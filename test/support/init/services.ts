import type { Framework } from '../../../src/init/project/manifest.js';

/** Form of the source text of a service. */
export interface SourceForm {
  readonly moduleSyntax: 'import' | 'require';
  readonly annotations: 'types' | 'none';
}

/** The lines of a service that depend on its framework. */
interface FrameworkCode {
  /** Names that are imported from the package. */
  readonly names: string;
  readonly from: string;
  readonly lines: readonly string[];
}

const sendPort = (port: string) => `process.send?.({ port: ${port} })`;

const frameworkCode: Readonly<Record<Framework, (form: SourceForm) => FrameworkCode>> = {
  plain: () => ({
    names: '{ createServer }',
    from: 'node:http',
    lines: [
      'const server = createServer((_request, response) => void answer().then((text) => response.end(text)));',
      "server.listen(0, '127.0.0.1').on('listening', () => {",
      `  ${sendPort('server.address()')};`,
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
      `server.on('listening', () => ${sendPort('server.address()')});`,
    ],
  }),
  fastify: () => ({
    names: 'fastify',
    from: 'fastify',
    lines: [
      'const app = fastify();',
      "app.get('/', () => answer());",
      "await app.listen({ port: 0, host: '127.0.0.1' });",
      `${sendPort('app.server.address()')};`,
    ],
  }),
  nest: ({ annotations }) => ({
    names: '{ NestFactory }',
    from: '@nestjs/core',
    lines: [
      'class AppModule {}',
      'const app = await NestFactory.create(AppModule, { logger: false });',
      `app.use((_request${annotations === 'types' ? ': unknown' : ''}, response${annotations === 'types' ? ': ServerResponse' : ''}) => void answer().then((text) => response.end(text)));`,
      "await app.listen(0, '127.0.0.1');",
      `${sendPort('app.getHttpServer().address()')};`,
    ],
  }),
};

function loadLine(names: string, from: string, { moduleSyntax }: SourceForm): string {
  return moduleSyntax === 'import'
    ? `import ${names} from '${from}';`
    : `const ${names} = require('${from}');`;
}

/** Source text of a service before adoption: it uses plain ioredis, has no shutdown, and answers each request after 300 ms with a reply of Redis. */
export function serviceText(framework: Framework, form: SourceForm): string {
  const { names, from, lines } = frameworkCode[framework](form);
  const isNest = framework === 'nest';
  return [
    '// The orders service.',
    '',
    ...(isNest
      ? [form.moduleSyntax === 'import' ? "import 'reflect-metadata';" : "require('reflect-metadata');"]
      : []),
    ...(isNest && form.annotations === 'types' ? ["import type { ServerResponse } from 'node:http';"] : []),
    loadLine(names, from, form),
    loadLine(form.moduleSyntax === 'import' ? '{ Redis }' : 'Redis', 'ioredis', form),
    '',
    `const client = new Redis(process.env.REDIS_URL${form.annotations === 'types' ? ' as string' : ''});`,
    '',
    'async function answer() {',
    "  process.send?.('requested');",
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

/** Text of a service after the manual steps that `init` prints: the import of ioredis is replaced, and `stopFirst` is called. */
export function adopt(text: string, framework: Framework): string {
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
