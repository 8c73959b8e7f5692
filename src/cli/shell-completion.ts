import type { Argument, Command, Option } from 'commander';

/** Kind of value that an option or argument takes. */
type Values =
  { readonly kind: 'none' | 'file' | 'any' } | { readonly kind: 'words'; readonly words: readonly string[] };

/** An option, as completion scripts describe it. */
interface CompletedOption {
  /** Short form, if there is one, and long form: `-h`, `--host`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly values: Values;
}

/** A command, as completion scripts describe it. */
interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly argument: Values;
}

/** All commands and options of the program. */
export interface Completion {
  readonly program: string;
  readonly options: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
}

/** Placeholders of options whose value is a path. */
const IN_FILE_SYSTEM = /^(file|path|folder)$/;

function valuesOf(placeholder: string, choices: readonly string[] | undefined): Values {
  if (choices) return { kind: 'words', words: choices };
  return { kind: IN_FILE_SYSTEM.test(placeholder) ? 'file' : 'any' };
}

function describeOption(option: Option): CompletedOption {
  const { short, long, description, flags, argChoices, required, optional } = option;
  const placeholder = /[<[]([^>\].]+)/.exec(flags)?.[1] ?? '';
  return {
    names: [short, long].filter((name) => name !== undefined),
    description,
    values: required || optional ? valuesOf(placeholder, argChoices) : { kind: 'none' },
  };
}

function describeArgument([argument]: readonly Argument[]): Values {
  return argument ? valuesOf(argument.name(), argument.argChoices) : { kind: 'none' };
}

function optionsOf(command: Command): readonly CompletedOption[] {
  return command.createHelp().visibleOptions(command).map(describeOption);
}

/** Describes a program by its visible commands and options, as its help does. */
export function describeProgram(program: Command): Completion {
  return {
    program: program.name(),
    options: optionsOf(program),
    commands: program.commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      options: optionsOf(command),
      argument: describeArgument(command.registeredArguments),
    })),
  };
}

const words = (list: readonly string[]) => `_redis_hygiene_words '${list.join(' ')}'`;

function bashReply(values: Values): string {
  if (values.kind === 'words') return words(values.words);
  return values.kind === 'file' ? '_redis_hygiene_files' : ':';
}

/** Cases of the bash script for options that take a value, grouped by what completes it. */
function valueCases({ name, options }: CompletedCommand): readonly string[] {
  const byReply = new Map<string, string[]>();
  for (const { names, values } of options.filter((option) => option.values.kind !== 'none')) {
    const patterns = names.map((option) => `'${name} ${option}'`);
    byReply.set(bashReply(values), [...(byReply.get(bashReply(values)) ?? []), ...patterns]);
  }
  return [...byReply].map(([reply, patterns]) => `    ${patterns.join('|')}) ${reply}; return ;;`);
}

const namesOf = (options: readonly CompletedOption[]) => options.flatMap(({ names }) => names);

function optionCase({ name, options, argument }: CompletedCommand): string {
  return `    '${name} '-*) ${words(namesOf(options))} ;;\n    '${name} '*) ${bashReply(argument)} ;;`;
}

/** Completion script for bash 3.2 and later. */
function bashScript({ program, options, commands }: Completion): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion of ${program}: source <(${program} completion bash)
_redis_hygiene_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_redis_hygiene_files() {
  local IFS=$'\\n'
  type compopt >/dev/null 2>&1 && compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$cur"))
}
_redis_hygiene() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" command='' word
  COMPREPLY=()
  # bash cuts --by=ip into three words.
  if [ "$cur" = '=' ]; then cur=''; elif [ "$prev" = '=' ]; then prev="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in ${names.join('|')}) command="$word"; break ;; esac
  done
  if [ -z "$command" ]; then
    ${words([...names, ...namesOf(options)])}
    return
  fi
  case "$command $prev" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command $cur" in
${commands.map(optionCase).join('\n')}
  esac
}
complete -F _redis_hygiene ${program}
`;
}

/** Quotes a text for single quotes and for the brackets of zsh's `_arguments`. */
function quoteForZsh(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:');
}

function zshAction(values: Values): string {
  if (values.kind === 'words') return `:value:(${values.words.join(' ')})`;
  if (values.kind === 'file') return ':file:_files';
  return values.kind === 'any' ? ':value: ' : '';
}

/** Options for `_arguments`. `*` allows repetition; a command itself refuses an option that it takes once. */
function optionSpecs({ names, description, values }: CompletedOption): readonly string[] {
  return names.map((name) => `'*${name}[${quoteForZsh(description)}]${zshAction(values)}'`);
}

function commandCase({ name, options, argument }: CompletedCommand): string {
  const rest = argument.kind === 'none' ? [] : [`'*${zshAction(argument)}'`];
  const specs = [...options.flatMap(optionSpecs), ...rest].map((spec) => `          ${spec}`);
  return `        ${name})\n        _arguments \\\n${specs.join(' \\\n')}\n        ;;`;
}

/** Completion script for zsh, sourced or as a file _redis-hygiene on the fpath. */
function zshScript({ program, options, commands }: Completion): string {
  const described = commands.map(({ name, description }) => `'${name}:${quoteForZsh(description)}'`);
  const top = options.flatMap(optionSpecs).map((spec) => `    ${spec} \\`);
  return `#compdef ${program}
# zsh completion: source <(${program} completion zsh), after compinit
_redis_hygiene() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(${described.join(' ')})
  _arguments -C \\
${top.join('\n')}
    '1: :->command' \\
    '*:: :->arguments'
  case $state in
    command) _describe command commands ;;
    arguments)
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac ;;
  esac
}
if [ "$funcstack[1]" = '_${program}' ]; then _redis_hygiene "$@"; else compdef _redis_hygiene ${program}; fi
`;
}

const quoteForFish = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function valueFlags(values: Values): string {
  if (values.kind === 'words') return ` -x -a ${quoteForFish(values.words.join(' '))}`;
  if (values.kind === 'file') return ' -r -F';
  return values.kind === 'any' ? ' -x' : '';
}

function nameFlag(name: string): string {
  return name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`;
}

/** Completion script for fish. */
function fishScript({ program, options, commands }: Completion): string {
  const complete = `complete -c ${program}`;
  const line = (condition: string, { names, description, values }: CompletedOption) =>
    `${complete} -n ${quoteForFish(condition)} ${names.map(nameFlag).join(' ')} -d ${quoteForFish(description)}${valueFlags(values)}`;
  const none = '__fish_use_subcommand';
  return [
    `# fish completion: ${program} completion fish | source`,
    `${complete} -f`,
    ...options.map((option) => line(none, option)),
    ...commands.flatMap(({ name, description, options: own, argument }) => {
      const within = `__fish_seen_subcommand_from ${name}`;
      return [
        `${complete} -n ${quoteForFish(none)} -a ${name} -d ${quoteForFish(description)}`,
        ...own.map((option) => line(within, option)),
        ...(argument.kind === 'words' || argument.kind === 'file'
          ? [
              `${complete} -n ${quoteForFish(within)}${valueFlags(argument).replace(' -r', '').replace(' -x', '')}`,
            ]
          : []),
      ];
    }),
    '',
  ].join('\n');
}

/** Completion scripts by shell. */
export const completionScripts = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
} as const satisfies Record<string, (completion: Completion) => string>;

/** Name of a supported shell. */
export type Shell = keyof typeof completionScripts;
