import type { CompletedCommand, CompletedOption, Completion, Values } from './model.js';

/** Within single quotes, and within what _arguments reads between brackets. */
function quoteForZsh(text: string): string {
  return text.replaceAll("'", "'\\''").replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:');
}

function action(values: Values): string {
  if (values.kind === 'words') return `:value:(${values.words.join(' ')})`;
  if (values.kind === 'file') return ':file:_files';
  return values.kind === 'any' ? ':value: ' : '';
}

/** `*`: may be repeated; what is allowed only once says so itself. */
function optionSpecs({ names, description, values }: CompletedOption): readonly string[] {
  return names.map((name) => `'*${name}[${quoteForZsh(description)}]${action(values)}'`);
}

function commandCase({ name, options, argument }: CompletedCommand): string {
  const rest = argument.kind === 'none' ? [] : [`'*${action(argument)}'`];
  const specs = [...options.flatMap(optionSpecs), ...rest].map((spec) => `          ${spec}`);
  return `        ${name})\n        _arguments \\\n${specs.join(' \\\n')}\n        ;;`;
}

/** For zsh, sourced or as a file _redis-hygiene on the fpath. */
export function zshScript({ program, options, commands }: Completion): string {
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
