import { basename } from 'node:path';

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
