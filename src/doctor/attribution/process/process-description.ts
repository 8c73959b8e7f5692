import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

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

/** What is shown of a command line. */
export interface Program {
  /** `node server.js`, `redis-cli`. */
  readonly title: string;
  /** The script that an interpreter runs, as it was written. */
  readonly script?: string;
}

/** How an interpreter is told what to run. */
interface Interpreter {
  /** Options that are followed by code or by a module in place of a script, so that what comes next is an argument. */
  readonly instead: RegExp;
  /** Options whose value is the next argument. */
  readonly valued: RegExp;
  /** Options whose value names the program. */
  readonly names?: RegExp;
}

const node: Interpreter = {
  instead: /^(-[a-z]*[ep][a-z]*|--eval|--print|--run)($|=)/,
  valued: /^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file|--title)$/,
};
const python: Interpreter = { instead: /^-[a-zA-Z]*c/, valued: /^-[WX]$/, names: /^-m$/ };
const ruby: Interpreter = { instead: /^-[a-zA-Z]*e/, valued: /^-[IrCE]$/ };

/** Programs whose first free argument is the program proper. */
const interpreters: readonly (readonly [RegExp, Interpreter])[] = [
  [/^(node|nodejs)([\d.]+)?$/, node],
  [/^(bun|deno)$/, node],
  [/^(python|pypy)([\d.]+)?$/, python],
  [/^(j?ruby|truffleruby)([\d.]+)?$/, ruby],
  [/^php([\d.]+)?(-cli)?$/, { instead: /^-[BREr]|^--run/, valued: /^-[cdz]$/ }],
  [/^perl([\d.]+)?$/, { instead: /^-[a-zA-Z]*[eE]/, valued: /^-I$/ }],
  [
    /^java$/,
    {
      instead: /^@/,
      valued: /^(-cp|-classpath|--class-path|-p|--module-path|--add-(modules|opens|exports|reads))$/,
      names: /^(-jar|-m|--module)$/,
    },
  ],
  [/^dotnet$/, { instead: /^exec$/, valued: /^--(depsfile|runtimeconfig|additionalprobingpath)$/ }],
];

/** A path, or a name of a module or class. Whatever has another character in it may be anything, also a secret. */
const PATH = /^[\w@./+~-]{1,200}$/;

/** Words with which `bun` and `deno` begin a run. */
const RUN = /^run$/;

function scriptOf({ instead, valued, names }: Interpreter, args: readonly string[]): string | undefined {
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (names?.test(arg)) return args[at + 1];
    if (instead.test(arg) || arg === '-' || arg === '--') return undefined;
    if (valued.test(arg)) at += 1;
    else if (!arg.startsWith('-') && !RUN.test(arg)) return arg;
  }
  return undefined;
}

/** The beginning of a path in any script: what stands behind another character, as in `pass=…` and `user:…`, may be a secret. */
const NAME = /^[\p{L}\p{M}\p{N}_@.+~/-]*/u;

/** A program may write what it likes over its arguments: `puma 6.4 (tcp://…) [orders]`. Its first name is kept. */
function nameOf(argument: string): string {
  const [name = ''] = NAME.exec(argument.trim()) ?? [];
  return basename(name).slice(0, 64);
}

/** A folder for people, with `…` for each name in it that may be anything. */
export function folderShown(folder: string): string {
  return folder
    .split('/')
    .map((name) => (NAME.exec(name)?.[0] === name ? name : '…'))
    .join('/');
}

/**
 * Says which program a command line runs: its name, and the script if it is an interpreter. No other argument is shown:
 * which of them are secrets cannot be told (`redis-cli -a …`, `worker redis://…`).
 *
 * @param comm The kernel's name of it, which a program may choose, too.
 */
export function readProgram(args: readonly string[], comm: string): Program {
  const [first = '', ...rest] = args;
  const name = nameOf(first) || nameOf(comm) || '?';
  const interpreter = interpreters.find(([pattern]) => pattern.test(name))?.[1];
  const script = interpreter && scriptOf(interpreter, rest);
  if (script === undefined || !PATH.test(script)) return { title: name };
  return { title: `${name} ${script}`, script };
}
