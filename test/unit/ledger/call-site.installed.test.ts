import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, runInThisContext } from 'node:vm';
import ts from 'typescript';
import { describe, expect, onTestFinished, test } from 'vitest';
import { captureCallSite } from '../../../src/ledger/call-site.js';

type Capture = typeof captureCallSite;

/** Opens from a file of its own. */
function openFrom(file: string): readonly string[] {
  const open = runInThisContext('(capture) => capture(1)', { filename: file }) as (
    capture: Capture,
  ) => string[];
  return open(captureCallSite);
}

describe('connections of one call site', () => {
  test('share what they remember of it, which nobody can change', () => {
    const [one, two] = [1, 2].map(() => openFrom('/app/one.js'));
    expect(one).toEqual([expect.stringContaining('/app/one.js:1:')]);
    expect(two).toBe(one);
    expect(Object.isFrozen(one)).toBe(true);
  });

  test('do not share with those of another', () => {
    expect(openFrom('/app/two.js')).not.toEqual(openFrom('/app/three.js'));
  });

  test('remember it, shared or not, however many call sites there are', () => {
    const first = openFrom('/app/first.js');
    for (let site = 0; site < 1_001; site += 1) openFrom(`/app/generated-${site}.js`);
    expect(openFrom('/app/first.js')).toEqual(first);
    expect(openFrom('/app/first.js')).not.toBe(first);
  });
});

/** As Node imports by itself: the test runner's own import gives other stack frames. */
const nativeImport = runInThisContext('(url) => import(url)', {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}) as (url: string) => Promise<{ main: () => readonly string[] }>;

describe('the call site leaves out the frames of redis-hygiene', () => {
  /** Installs the module in that folder, with an application beside it, and gives what it sees. */
  async function seenBy(folder: string): Promise<readonly string[]> {
    const root = join(mkdtempSync(join(tmpdir(), 'redis-hygiene-')), folder);
    onTestFinished(() => rmSync(join(root, '..'), { recursive: true, force: true }));
    const source = readFileSync(new URL('../../../src/ledger/call-site.ts', import.meta.url), 'utf8');
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    mkdirSync(join(root, 'package', 'ledger'), { recursive: true });
    const install = (file: string, text: string) => writeFileSync(join(root, file), text);
    install('package/ledger/call-site.mjs', ts.transpileModule(source, { compilerOptions }).outputText);
    install(
      'package/open.mjs',
      "import { captureCallSite } from './ledger/call-site.mjs';\nexport const open = () => captureCallSite(1);\n",
    );
    install('app.mjs', "import { open } from './package/open.mjs';\nexport const main = () => open();\n");
    const { main } = await nativeImport(pathToFileURL(join(root, 'app.mjs')).href);
    return main();
  }

  test.each(['plain', 'with blank', 'größe', 'per%cent'])(
    'where it is installed in a folder %s',
    async (folder) => {
      const [frame] = await seenBy(folder);
      expect(frame).toMatch(/^main \(.*app\.mjs:2:\d+\)$/);
    },
  );
});
