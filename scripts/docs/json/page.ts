import { JSON_VERSION } from '../../../src/doctor/render/json-document.js';
import { NOTICE, table } from '../markdown.js';
import { commonShapes } from './common.js';
import { documents } from './documents.js';
import { type DocumentShape, schemaOf, type Shape } from './shape.js';

/** The JSON Schemas, by file name. */
export const schemaFiles: Readonly<Record<string, () => string>> = Object.fromEntries(
  documents.map((document) => [
    schemaFileOf(document.command),
    () => `${JSON.stringify(schemaOf(document, JSON_VERSION), null, 2)}\n`,
  ]),
);

function schemaFileOf(command: string): string {
  return `schema/${command}.v${JSON_VERSION}.json`;
}

/** Content of docs/json.md. */
export function jsonPage(): string {
  return `${NOTICE}

# JSON

With \`--json\`, the commands \`clients\`, \`doctor\`, \`reap\` and \`budget\` print one JSON document on standard output. All other
output goes to standard error.

\`\`\`sh
redis-hygiene clients redis://redis-1 --json | jq -r '.groups[] | [.clients, .key] | @tsv'
redis-hygiene doctor redis://redis-1 --json | jq -r '.findings[] | [.severity, .code, .owner // .target] | @tsv'
redis-hygiene reap redis://redis-1 --json | jq -r '.targets[].kills[].command'
\`\`\`

## Stability

- **\`version\` is ${JSON_VERSION} for all documents.** It is raised when a field is removed, is renamed, or changes its unit or meaning. A new
  field, finding code or enumeration value does not raise it, so programs must ignore what they do not know.
- **The schemas are strict**: they list exactly the fields of this release. Validate a document with the schemas of the release
  that printed it. They are JSON Schema, draft 2020-12, and are tested with the output of all commands.
- **Unknown values are missing.** They are never \`null\`, and never 0 or an empty text with another meaning.
- **Units are part of the names**: \`…Seconds\`, \`…Bytes\`. Shares are between 0 and 1.
- **No passwords.** An address is printed as host and port, a command line as its program. Credentials in a URL, for example in
  the name of a connection, are replaced by \`[redacted]\`.
- **One document or none.** Servers that could not be asked are listed in \`failures\`. If no server could be asked, standard output is
  empty and standard error says why. The exit code is 2 in both cases.

${documents.map(documentSection).join('\n\n')}

## Common objects

${Object.entries(commonShapes)
  .map(([name, one]) => shapeSection('###', name, one))
  .join('\n\n')}
`;
}

function documentSection(document: DocumentShape): string {
  const { command, shapes } = document;
  const ownShapes = Object.entries(shapes).filter(([name]) => !(name in commonShapes));
  const schemaFile = schemaFileOf(command);
  const meaning = `${document.meaning} Schema: [${schemaFile}](${schemaFile}).`;
  return [
    shapeSection('##', command, { ...document, meaning }),
    ...ownShapes.map(([name, one]) => shapeSection('###', name, one)),
  ].join('\n\n');
}

function shapeSection(depth: '##' | '###', name: string, shape: Shape): string {
  const inherited = shape.base
    ? ` It has all fields of [${shape.base.name}](#${shape.base.name.toLowerCase()}), and:`
    : '';
  return [`${depth} ${name}`, shape.meaning + inherited, fieldTable(shape)].join('\n\n');
}

function fieldTable({ fields }: Shape): string {
  const rows = Object.entries(fields).map(([name, { kind, meaning, missing }]) => [
    `\`${name}\``,
    kind.label,
    missing === undefined ? meaning : `${meaning} Missing ${missing}.`,
  ]);
  return table(['field', 'type', 'meaning'], rows);
}
