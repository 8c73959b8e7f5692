import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { useProjects } from '../../support/init/project.js';

const project = useProjects();

describe('at a terminal', () => {
  const both = {
    'package.json': '{ "dependencies": { "express": "5", "fastify": "5" } }',
    'index.js': 'main();\n',
  };

  /** Somebody who types these lines, and then waits or leaves. */
  function typing(lines: readonly string[], end: 'waits' | 'leaves' = 'waits') {
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    stdin.write(lines.map((line) => `${line}\n`).join(''));
    if (end === 'leaves') stdin.end();
    return stdin;
  }

  test('what cannot be detected is asked, and the diff is shown before the last question', async () => {
    const service = project(both);
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

  test('empty answers are the defaults', async () => {
    const service = project(both);
    expect((await service.init([], { tty: true, stdin: typing(['', '', '']) })).code).toBe(0);
    expect(service.read('redis-hygiene.js')).toContain('stopFirst(app);');
  });

  test.for([
    ['no', typing(['', '', 'n'])],
    ['an answer that is none', typing(['koa'])],
    ['no answer (Ctrl-D)', typing([''], 'leaves')],
  ] as const)('nothing is written after %s', async ([, stdin]) => {
    const service = project(both);
    expect((await service.init([], { tty: true, stdin })).code).toBe(2);
    expect(service.all()).toEqual(both);
  });

  test('nothing is written after Ctrl-C', async () => {
    const service = project(both);
    const stop = new AbortController();
    const running = service.init([], { tty: true, stdin: typing(['', '']), signal: stop.signal });
    await new Promise((resolve) => setTimeout(resolve, 200));
    stop.abort();
    expect(await running).toMatchObject({ code: 2, stderr: expect.stringContaining('HYG_CLI_INTERRUPTED') });
    expect(service.all()).toEqual(both);
  });

  test('nothing is asked with --yes, nor where nobody sits', async () => {
    const service = project(both);
    const { code, stderr } = await service.init(['--yes'], { tty: true, stdin: typing([]) });
    expect(code).toBe(0);
    expect(stderr).toContain('Which framework (fastify, express): fastify; --framework says otherwise.');
    expect((await project(both).init()).code).toBe(0);
  });
});
