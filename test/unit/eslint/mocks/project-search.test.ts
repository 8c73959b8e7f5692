import { mkdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { searchFolder, searchProject } from '../../../../src/eslint/mocks/project-search.js';
import { useProjects } from '../../../support/init/project.js';

const make = useProjects();
const DROP_IN = 'redis-hygiene/ioredis';
const MOCK = `vi.mock('ioredis');\n`;
const BOTH = `${MOCK}vi.mock('${DROP_IN}', () => import('ioredis'));\n`;
const SOURCE = `import Redis from 'ioredis';\nexport const redis = new Redis();\n`;

describe('a search of a folder', () => {
  const search = (files: Parameters<typeof make>[0]) => {
    const { dir } = make(files);
    return { dir, ...searchFolder(dir, DROP_IN).mocks };
  };

  test('finds the first replacement, and whether ioredis is used', () => {
    const found = search({ 'src/a.ts': SOURCE, 'test/b.test.ts': BOTH, 'test/c.test.ts': `\n${MOCK}` });
    expect(found).toEqual({
      dir: found.dir,
      isUsed: true,
      isPartial: false,
      replacement: { form: 'call', file: join(found.dir, 'test/c.test.ts'), line: 2 },
    });
  });

  test('finds nothing where the drop-in is mocked too', () => {
    expect(search({ 'src/a.ts': SOURCE, 'test/b.test.ts': BOTH }).replacement).toBeUndefined();
  });

  test('finds no use where only tests with mocks import ioredis', () => {
    expect(search({ 'test/b.test.ts': `${MOCK}import 'ioredis';\n`, 'src/a.ts': '' }).isUsed).toBe(false);
  });

  test('ends at the limit, and says so', () => {
    const { dir } = make({ 'a.ts': '', 'b.ts': '', 'c.ts': MOCK });
    const searchUpTo = (maxFiles: number) =>
      searchFolder(dir, DROP_IN, new Map(), { maxFiles, maxFileBytes: 1000 }).mocks;
    expect(searchUpTo(2)).toEqual({ isUsed: false, isPartial: true });
    expect(searchUpTo(3)).toMatchObject({ isPartial: false, replacement: { form: 'call' } });
  });

  test('skips files that are too long', () => {
    const { dir } = make({ 'a.ts': MOCK });
    const searchWith = (maxFileBytes: number) =>
      searchFolder(dir, DROP_IN, new Map(), { maxFiles: 9, maxFileBytes }).mocks.replacement;
    expect(searchWith(MOCK.length - 1)).toBeUndefined();
    expect(searchWith(MOCK.length)).toBeDefined();
  });

  test('survives a folder that is gone, and a folder with the name of a file', () => {
    const { dir } = make({ 'p/b.ts': MOCK });
    mkdirSync(join(dir, 'p/a.ts'));
    expect(searchFolder(join(dir, 'p'), DROP_IN).mocks.replacement).toBeDefined();
    rmSync(join(dir, 'p'), { recursive: true });
    expect(searchFolder(join(dir, 'p'), DROP_IN).mocks).toEqual({ isUsed: false, isPartial: false });
  });

  test('reads only files that have changed', () => {
    const project = make({ 'a.ts': MOCK, 'b.ts': MOCK });
    const [a, b] = [join(project.dir, 'a.ts'), join(project.dir, 'b.ts')];
    utimesSync(a, 1, 1);
    const first = searchFolder(project.dir, DROP_IN);
    project.write({ 'a.ts': MOCK.replace('ioredis', 'redis_x'), 'b.ts': BOTH });
    utimesSync(a, 1, 1); // the same time and length as before
    const second = searchFolder(project.dir, DROP_IN, first.files);
    expect(second.files.get(a)).toBe(first.files.get(a));
    expect(second.files.get(b)?.mocks).toEqual({ isUser: false });
  });
});

describe('a search of the project of a file', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  test('notices a change after a second, and not before', () => {
    const project = make({ 'package.json': {}, 'src/a.ts': SOURCE, 'a.test.ts': MOCK });
    const search = () => searchProject(join(project.dir, 'src/a.ts'), DROP_IN);
    const first = search();
    expect(first?.replacement).toBeDefined();
    project.write({ 'a.test.ts': BOTH });
    expect(search()).toBe(first);
    vi.advanceTimersByTime(1001);
    expect(search()?.replacement).toBeUndefined();
    project.write({ 'new.test.ts': MOCK });
    vi.advanceTimersByTime(1001);
    expect(search()?.replacement).toBeDefined();
    rmSync(join(project.dir, 'new.test.ts'));
    vi.advanceTimersByTime(1001);
    expect(search()?.replacement).toBeUndefined();
  });

  test('is a search for each module to use instead', () => {
    const project = make({ 'package.json': {}, 'a.test.ts': BOTH });
    const search = (module: string) => searchProject(join(project.dir, 'a.ts'), module)?.replacement;
    expect(search(DROP_IN)).toBeUndefined();
    expect(search('@acme/redis')).toBeDefined();
  });

  test('finds mocks in other packages of a workspace', () => {
    const project = make({
      'package.json': { workspaces: ['packages/*'] },
      'packages/cache/package.json': {},
      'packages/shop/package.json': {},
      'packages/shop/a.test.ts': MOCK,
    });
    const found = searchProject(join(project.dir, 'packages/cache/a.ts'), DROP_IN);
    expect(found?.replacement?.file).toBe(join(project.dir, 'packages/shop/a.test.ts'));
  });

  test('does not exist for a text that is no file', () => {
    expect(searchProject('<input>', DROP_IN)).toBeUndefined();
  });
});
