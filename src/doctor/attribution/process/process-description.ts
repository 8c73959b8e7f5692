import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** The shown part of a command line. */
export interface Program {
  /** Program and script: `node server.js`, `redis-cli`. */
  readonly title: string;
  /** Script that an interpreter runs, as written on the command line. */
  readonly script?: string;
}

/** Facts about a process. */
export interface ProcessFacts extends Program {
  readonly pid: number;
  /** Working directory. */
  readonly folder?: string;
  /** Name of the package that the script, or the working directory, belongs to. */
  readonly packageName?: string;
}

/**
 * Describes a process: program, working directory and package. Its environment is never read, because it holds secrets.
 *
 * @param proc `/proc`, or a folder like it
 */
export function describeProcess(proc: string, pid: number): ProcessFacts {
  const processFolder = `${proc}/${pid}`;
  const read = (file: string) => tryTo(() => readFileSync(`${processFolder}/${file}`, 'utf8')) ?? '';
  const args = read('cmdline').replace(/\0+$/, '').split('\0');
  const program = readProgram(args, read('comm'));
  const folder = tryTo(() => readlinkSync(`${processFolder}/cwd`));
  const packageName = folder && packageNameOf(`${processFolder}/root`, program, folder);
  return { ...program, pid, ...(folder && { folder }), ...(packageName && { packageName }) };
}

/** Reads something of a process; `undefined` if the process has ended or belongs to another user. */
function tryTo<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Package of a Node program. */
function packageNameOf(root: string, { title, script }: Program, folder: string): string | undefined {
  if (!/^(node|nodejs|bun|deno)\b/.test(title)) return undefined;
  const start = script === undefined ? folder : dirname(outsideNodeModules(resolve(folder, script)));
  return findPackageName(root, start);
}

/** A tool that the application has installed counts as part of the application that runs it. */
function outsideNodeModules(script: string): string {
  return script.replace(/\/node_modules\/.*$/s, '/package.json');
}

/** The nearest package.json with a name, in the folder or above it, in the file system of the process. */
function findPackageName(root: string, folder: string): string | undefined {
  const name = readPackageName(join(root, folder, 'package.json'));
  const parent = dirname(folder);
  return name !== undefined || parent === folder ? name : findPackageName(root, parent);
}

/** A larger package.json is not read: nobody writes one by hand. */
const MAX_PACKAGE_JSON_BYTES = 1_000_000;

function readPackageName(file: string): string | undefined {
  return tryTo(() => {
    const { size } = statSync(file);
    if (!statSync(file).isFile() || size > MAX_PACKAGE_JSON_BYTES) return undefined;
    const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown };
    return typeof name === 'string' && name !== '' ? name.replace(/^@/, '') : undefined;
  });
}

/**
 * Reads which program a command line runs: its name, and the script if the program is an interpreter. No other argument is
 * shown, because any of them may be a secret (`redis-cli -a …`, `worker redis://…`).
 *
 * @param comm The kernel's name of the process. The program may change that name too.
 */
export function readProgram(args: readonly string[], comm: string): Program {
  const [first = '', ...rest] = args;
  const name = programNameOf(first) || programNameOf(comm) || '?';
  const interpreter = interpreters.find(([pattern]) => pattern.test(name))?.[1];
  const script = interpreter && findScript(interpreter, rest);
  if (script === undefined || !PATH.test(script)) return { title: name };
  return { title: `${name} ${script}`, script };
}

/** The part of a name before the first other character: what follows, as in `pass=…` or `user:…`, may be a secret. */
const SAFE_NAME = /^[\p{L}\p{M}\p{N}_@.+~/-]*/u;

const MAX_PROGRAM_NAME_LENGTH = 64;

/** A program may overwrite its arguments with any text: `puma 6.4 (tcp://…) [orders]`. Only the first name is kept. */
function programNameOf(argument: string): string {
  const [name = ''] = SAFE_NAME.exec(argument.trim()) ?? [];
  return basename(name).slice(0, MAX_PROGRAM_NAME_LENGTH);
}

/** A folder for display. `…` replaces each part that may contain a secret. */
export function redactFolder(folder: string): string {
  return folder
    .split('/')
    .map((name) => (SAFE_NAME.exec(name)?.[0] === name ? name : '…'))
    .join('/');
}

/** Command line options of an interpreter. */
interface Interpreter {
  /** Options followed by code or a module instead of a script. The next argument is then not a script. */
  readonly codeOptions: RegExp;
  /** Options whose value is the next argument. */
  readonly valueOptions: RegExp;
  /** Options whose value is the name of the program. */
  readonly nameOptions?: RegExp;
}

const node: Interpreter = {
  codeOptions: /^(-[a-z]*[ep][a-z]*|--eval|--print|--run)($|=)/,
  valueOptions: /^(-r|--require|--import|--loader|--experimental-loader|-C|--conditions|--env-file|--title)$/,
};
const python: Interpreter = {
  codeOptions: /^-[a-zA-Z]*c/,
  valueOptions: /^-[WX]$/,
  nameOptions: /^-m$/,
};
const ruby: Interpreter = { codeOptions: /^-[a-zA-Z]*e/, valueOptions: /^-[IrCE]$/ };
const java: Interpreter = {
  codeOptions: /^@/,
  valueOptions: /^(-cp|-classpath|--class-path|-p|--module-path|--add-(modules|opens|exports|reads))$/,
  nameOptions: /^(-jar|-m|--module)$/,
};

/** Programs whose first argument that is not an option is the script. */
const interpreters: readonly (readonly [RegExp, Interpreter])[] = [
  [/^(node|nodejs)([\d.]+)?$/, node],
  [/^(bun|deno)$/, node],
  [/^(python|pypy)([\d.]+)?$/, python],
  [/^(j?ruby|truffleruby)([\d.]+)?$/, ruby],
  [/^php([\d.]+)?(-cli)?$/, { codeOptions: /^-[BREr]|^--run/, valueOptions: /^-[cdz]$/ }],
  [/^perl([\d.]+)?$/, { codeOptions: /^-[a-zA-Z]*[eE]/, valueOptions: /^-I$/ }],
  [/^java$/, java],
  [/^dotnet$/, { codeOptions: /^exec$/, valueOptions: /^--(depsfile|runtimeconfig|additionalprobingpath)$/ }],
];

/** A path, or the name of a module or class. Text with any other character may be anything, also a secret. */
const PATH = /^[\w@./+~-]{1,200}$/;

/** Subcommand of `bun` and `deno` that precedes the script. */
const RUN_SUBCOMMAND = /^run$/;

function findScript(
  { codeOptions, valueOptions, nameOptions }: Interpreter,
  args: readonly string[],
): string | undefined {
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (nameOptions?.test(arg)) return args[index + 1];
    if (codeOptions.test(arg) || arg === '-' || arg === '--') return undefined;
    if (valueOptions.test(arg)) index += 1;
    else if (!arg.startsWith('-') && !RUN_SUBCOMMAND.test(arg)) return arg;
  }
  return undefined;
}
