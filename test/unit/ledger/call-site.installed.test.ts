import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, runInThisContext } from 'node:vm';
import ts from 'typescript';
import { describe, expect, onTestFinished, test } from 'vitest';
import { captureCallSite } from '../../../src/ledger/call-site.js';

type Capture = typeof captureCallSite;

/** Captures the call site of code in the given file. */
function captureFrom(file: string): readonly string[] {
  const capture = runInThisContext('(capture) => capture(1)', { filename: file }) as (
    capture: Capture,
  ) => string[];
  return capture(captureCallSite);
}

describe('the call sites of connections', () => {
  test('are one frozen array if one line opens them', () => {
    const [one, other] = [1, 2].map(() => captureFrom('/app/one.js'));
    expect(one).toEqual([expect.stringContaining('/app/one.js:1:')]);
    expect(other).toBe(one);
    expect(Object.isFrozen(one)).toBe(true);
  });

  test('differ if different lines open them', () => {
    expect(captureFrom('/app/two.js')).not.toEqual(captureFrom('/app/three.js'));
  });

  test('are captured, even with more of them than are kept for sharing', () => {
    const first = captureFrom('/app/first.js');
    for (let site = 0; site < 1_001; site += 1) captureFrom(`/app/generated-${site}.js`);
    expect(captureFrom('/app/first.js')).toEqual(first);
    expect(captureFrom('/app/first.js')).not.toBe(first);
  });
});

/** The import of Node: the test runner's own import produces other stack frames. */
const nativeImport = runInThisContext('(url) => import(url)', {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}) as (url: string) => Promise<{ main: () => readonly string[] }>;

describe('the call site leaves out the frames of redis-hygiene', () => {
  /** Installs call-site.ts in a folder, and returns the function with which an application next to it gets a call site. */
  async function installIn(folder: string): Promise<() => readonly string[]> {
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
    return main;
  }

  test.each(['plain', 'with blank', 'größe', 'per%cent', 'copy (1)'])(
    'if it is installed in the folder %s',
    async (folder) => {
      const [frame] = (await installIn(folder))();
      expect(frame).toMatch(/^main \(.*app\.mjs:2:\d+\)$/);
    },
  );

  test('if source maps are applied that name its sources', async () => {
    const main = await installIn('mapped');
    const { prepareStackTrace } = Error;
    onTestFinished(() => void (Error.prepareStackTrace = prepareStackTrace));
    Error.prepareStackTrace = (_error, sites) => {
      const frames = sites.map((site) => {
        const file = site.getFileName()?.replace('/package/', '/src/');
        return `\n    at ${site.getFunctionName()} (${file}:${site.getLineNumber()}:${site.getColumnNumber()})`;
      });
      return `Error${frames.join('')}`;
    };
    expect(main()).toEqual([expect.stringMatching(/^main \(.*app\.mjs:2:\d+\)$/)]);
  });
});
