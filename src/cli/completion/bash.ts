import type { CompletedCommand, CompletedOption, Completion, Values } from './model.js';

const words = (list: readonly string[]) => `_redis_hygiene_words '${list.join(' ')}'`;

function answer(values: Values): string {
  if (values.kind === 'words') return words(values.words);
  return values.kind === 'file' ? '_redis_hygiene_files' : ':';
}

/** What follows options that take a value, by what that is. */
function valueCases({ name, options }: CompletedCommand): readonly string[] {
  const byAnswer = new Map<string, string[]>();
  for (const { names, values } of options.filter((option) => option.values.kind !== 'none')) {
    const patterns = names.map((option) => `'${name} ${option}'`);
    byAnswer.set(answer(values), [...(byAnswer.get(answer(values)) ?? []), ...patterns]);
  }
  return [...byAnswer].map(([reply, patterns]) => `    ${patterns.join('|')}) ${reply}; return ;;`);
}

const namesOf = (options: readonly CompletedOption[]) => options.flatMap(({ names }) => names);

function optionCase({ name, options, argument }: CompletedCommand): string {
  return `    '${name} '-*) ${words(namesOf(options))} ;;\n    '${name} '*) ${answer(argument)} ;;`;
}

/** For bash 3.2 and later. */
export function bashScript({ program, options, commands }: Completion): string {
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
