import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { useProjects } from '../../support/init/project.js';

const project = useProjects();

describe('init at a terminal', () => {
  const bothFrameworks = {
    'package.json': '{ "dependencies": { "express": "5", "fastify": "5" } }',
    'index.js': 'main();\n',
  };

  /** A terminal in which a user types lines. Its input then stays open or ends (Ctrl-D). */
  function typing(lines: readonly string[], input: 'open' | 'ended' = 'open') {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    stdin.write(lines.map((line) => `${line}\n`).join(''));
    if (input === 'ended') stdin.end();
    return stdin;
  }

  test('asks for what cannot be detected, and shows the diff before the last question', async () => {
    const service = project(bothFrameworks);
    const { code, stdout, stderr } = await service.init([], {
      tty: true,
      stdin: typing(['express', 'shop', 'y']),
    });
    expect(code).toBe(0);
    expect(stderr).toContain('Which framework (fastify, express)? [fastify] ');
    expect(stderr).toContain('Name of the service? [');
    expect(stdout).toContain("+configure({ service: 'shop' });");
    expect(stderr).toContain('Write these 3 files? [Y/n] ');
    expect(service.read('redis-hygiene.js')).toContain("configure({ service: 'shop' });");
    expect(service.read('redis-hygiene.js')).toContain('stopFirst(app.listen(3000));');
  });

  test('takes the default for an empty answer', async () => {
    const service = project(bothFrameworks);
    expect((await service.init([], { tty: true, stdin: typing(['', '', '']) })).code).toBe(0);
    expect(service.read('redis-hygiene.js')).toContain('stopFirst(app);');
  });

  test.for([
    ['the answer no', typing(['', '', 'n'])],
    ['an unknown framework', typing(['koa'])],
    ['Ctrl-D', typing([''], 'ended')],
  ] as const)('writes nothing after %s', async ([, stdin]) => {
    const service = project(bothFrameworks);
    expect((await service.init([], { tty: true, stdin })).code).toBe(2);
    expect(service.all()).toEqual(bothFrameworks);
  });

  test('writes nothing after Ctrl-C', async () => {
    const service = project(bothFrameworks);
    const stop = new AbortController();
    const running = service.init([], { tty: true, stdin: typing(['', '']), signal: stop.signal });
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop.abort();
    expect(await running).toMatchObject({ code: 2, stderr: expect.stringContaining('HYG_CLI_INTERRUPTED') });
    expect(service.all()).toEqual(bothFrameworks);
  });

  test('asks nothing with --yes or without a terminal', async () => {
    const service = project(bothFrameworks);
    const { code, stderr } = await service.init(['--yes'], { tty: true, stdin: typing([]) });
    expect(code).toBe(0);
    expect(stderr).toContain('Which framework (fastify, express): fastify; --framework overrides this.');
    expect((await project(bothFrameworks).init()).code).toBe(0);
  });
});
