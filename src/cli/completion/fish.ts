import type { CompletedOption, Completion, Values } from './model.js';

const quoteForFish = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

function valueFlags(values: Values): string {
  if (values.kind === 'words') return ` -x -a ${quoteForFish(values.words.join(' '))}`;
  if (values.kind === 'file') return ' -r -F';
  return values.kind === 'any' ? ' -x' : '';
}

function nameFlag(name: string): string {
  return name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`;
}

/** For fish. */
export function fishScript({ program, options, commands }: Completion): string {
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
