import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  constructRedis,
  findOtherCopies,
  type Ioredis,
  loadIoredis,
} from '../../../../src/connect/ioredis/load-ioredis.js';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));
const OWN_FILE = require.resolve('ioredis');
const OTHER_FILE = '/app/node_modules/library/node_modules/ioredis/built/index.js';

/** Node's modules, which these tests change. */
let modules: NodeJS.Dict<NodeJS.Module>;

beforeEach(() => {
  loadIoredis();
  modules = { ...require.cache };
});
afterEach(() => {
  for (const file of [OWN_FILE, OTHER_FILE]) {
    if (modules[file]) require.cache[file] = modules[file];
    else Reflect.deleteProperty(require.cache, file);
  }
});

function loadOther(): void {
  require.cache[OTHER_FILE] = { ...modules[OWN_FILE], exports: {} } as NodeJS.Module;
}

describe('copies of ioredis', () => {
  test('are not reported if there is one', () => {
    expect(findOtherCopies(ROOT)).toBeUndefined();
    expect(findOtherCopies(tmpdir())).toBeUndefined();
  });

  test('are reported if another one is loaded', () => {
    loadOther();
    expect(findOtherCopies(ROOT)).toMatchObject({
      code: 'HYG_IOREDIS_COPIES',
      details: { copies: [OWN_FILE, OTHER_FILE] },
    });
  });
});

describe('if ours is part of a bundle, which has no file of its own', () => {
  beforeEach(() => Reflect.deleteProperty(require.cache, OWN_FILE));

  test('the copy that is installed, but not loaded, is not reported', () => {
    expect(findOtherCopies(join(ROOT, 'src'))).toBeUndefined();
  });

  test('one that is loaded is reported', () => {
    loadOther();
    const error = findOtherCopies(ROOT);
    expect(error?.details).toEqual({ copies: ['the one in the bundle', OTHER_FILE] });
    expect(error?.message).toContain(
      `Found 2 copies of ioredis, expected one: the one in the bundle, ${OTHER_FILE}.`,
    );
  });
});

describe('clients are made of the class', () => {
  const { Redis, ...others } = loadIoredis();
  class Traced extends Redis {}
  class Fake {
    readonly isFake = true;
  }

  test.for([
    ['that a tracing library has put in the place of the module', Traced, Traced],
    ['that is the default export, if the module is an object', { ...others, Redis, default: Traced }, Traced],
    ['that a test has put in the place of the default export', { ...others, Redis, default: Fake }, Fake],
    [
      'that a test has put in the place of the named export',
      { ...others, Redis: Fake, default: Redis },
      Fake,
    ],
  ] as const)('%s', ([, copy, Class]) => {
    expect(constructRedis(copy as unknown as Ioredis)({ lazyConnect: true })).toBeInstanceOf(Class);
  });
});
