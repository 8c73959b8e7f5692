import { JSON_VERSION } from '../../../src/doctor/render/json-document.js';
import { NOTICE, table } from '../markdown.js';
import { commonShapes } from './common.js';
import { documents } from './documents.js';
import { schemaOf, type DocumentShape, type Shape } from './shape.js';

function fieldTable({ fields }: Shape): string {
  const rows = Object.entries(fields).map(([name, { kind, meaning, missing }]) => [
    `\`${name}\``,
    kind.words,
    missing === undefined ? meaning : `${meaning} Missing ${missing}.`,
  ]);
  return table(['field', 'holds', 'meaning'], rows);
}

function section(depth: '##' | '###', name: string, one: Shape): string {
  const also = one.basis
    ? ` It has all fields of [${one.basis.name}](#${one.basis.name.toLowerCase()}), and:`
    : '';
  return [`${depth} ${name}`, one.meaning + also, fieldTable(one)].join('\n\n');
}

const isCommon = (name: string) => name in commonShapes;

function documentSection(document: DocumentShape): string {
  const { command, shapes } = document;
  const own = Object.entries(shapes).filter(([name]) => !isCommon(name));
  const schema = `Schema: [${schemaFile(command)}](${schemaFile(command)}).`;
  const intro = { ...document, meaning: `${document.meaning} ${schema}` };
  return [section('##', command, intro), ...own.map(([name, one]) => section('###', name, one))].join('\n\n');
}

const schemaFile = (command: string) => `schema/${command}.v${JSON_VERSION}.json`;

/** The schemas, by file name. */
export const schemaFiles: Readonly<Record<string, () => string>> = Object.fromEntries(
  documents.map((document) => [
    schemaFile(document.command),
    () => `${JSON.stringify(schemaOf(document, JSON_VERSION), null, 2)}\n`,
  ]),
);

/** docs/json.md. */
export function jsonPage(): string {
  return `${NOTICE}

# JSON

\`clients\`, \`doctor\`, \`reap\` and \`budget\` print one JSON document on standard output with \`--json\`; everything else goes to
standard error.

\`\`\`sh
redis-hygiene clients redis://redis-1 --json | jq -r '.groups[] | [.clients, .key] | @tsv'
redis-hygiene doctor redis://redis-1 --json | jq -r '.findings[] | [.severity, .code, .owner // .target] | @tsv'
redis-hygiene reap redis://redis-1 --json | jq -r '.targets[].kills[].command'
\`\`\`

## The promise

- **\`version\` is ${JSON_VERSION} for all of them.** It is raised when a field is taken away, gets another name or unit, or means something
  else. A field, a code of a finding or a word in a list that is added leaves it as it is: a program ignores what it does not know.
- **The schemas are strict**: they name all fields that this release prints, and no others, so validate with those of the
  release that printed. They are JSON Schema, draft 2020-12, and their tests run all commands.
- **What is not known is missing**, never \`null\`, and never 0 or an empty text that would say something else.
- **Units are in the names**: \`…Seconds\`, \`…Bytes\`. Shares are 0 to 1.
- **No password** is in it: of an address it has host and port, of a command line the program, and credentials within
  any URL, be it in the name of a connection, are \`[redacted]\`.
- **One document or none.** Servers that could not be asked are in \`failures\`, beside what the others said. Where none could be asked,
  standard output is empty and standard error says why; the exit code is 2 in both cases.

${documents.map(documentSection).join('\n\n')}

## In several documents

${Object.entries(commonShapes)
  .map(([name, one]) => section('###', name, one))
  .join('\n\n')}
`;
}
