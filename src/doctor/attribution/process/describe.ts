import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readProgram, type Program } from './program.js';

/** What is known of a process. */
export interface ProcessFacts extends Program {
  readonly pid: number;
  /** The folder that it runs in. */
  readonly folder?: string;
  /** The package that its script, or its folder, belongs to. */
  readonly packageName?: string;
}

/** A process may be gone by now, or not be ours to look at: then this is not known. */
function unlessRefused<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** No package.json is larger than this by a sensible person's hand. */
const MAX_PACKAGE_BYTES = 1_000_000;

function nameIn(file: string): string | undefined {
  return unlessRefused(() => {
    const { size } = statSync(file);
    if (!statSync(file).isFile() || size > MAX_PACKAGE_BYTES) return undefined;
    const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown };
    return typeof name === 'string' && name !== '' ? name.replace(/^@/, '') : undefined;
  });
}

/** The nearest package.json with a name in it, upwards, as the process sees the files. */
function packageAbove(root: string, folder: string): string | undefined {
  const name = nameIn(join(root, folder, 'package.json'));
  const parent = dirname(folder);
  return name !== undefined || parent === folder ? name : packageAbove(root, parent);
}

/** A tool that the application has installed and is run by belongs to the application. */
function homeOf(script: string): string {
  return script.replace(/\/node_modules\/.*$/s, '/package.json');
}

function packageOf(root: string, { title, script }: Program, folder: string): string | undefined {
  if (!/^(node|nodejs|bun|deno)\b/.test(title)) return undefined;
  const home = script === undefined ? folder : dirname(homeOf(resolve(folder, script)));
  return packageAbove(root, home);
}

/** Looks at a process: its program, its folder and its package. Never its environment, which holds secrets. */
export function describeProcess(proc: string, pid: number): ProcessFacts {
  const own = `${proc}/${pid}`;
  const read = (file: string) => unlessRefused(() => readFileSync(`${own}/${file}`, 'utf8')) ?? '';
  const args = read('cmdline').replace(/\0+$/, '').split('\0');
  const program = readProgram(args, read('comm'));
  const folder = unlessRefused(() => readlinkSync(`${own}/cwd`));
  const packageName = folder && packageOf(`${own}/root`, program, folder);
  return { ...program, pid, ...(folder && { folder }), ...(packageName && { packageName }) };
}
