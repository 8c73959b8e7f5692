import type { Kind, Schema } from './kind.js';

/** A field of an object. */
export interface Field {
  readonly kind: Kind;
  readonly meaning: string;
  /** Condition under which the field is missing. A field without it is always present. */
  readonly missing?: string;
}

/** An object with exactly these fields. */
export interface Shape {
  readonly meaning: string;
  /** Another shape whose fields the object has too. */
  readonly base?: { readonly name: string; readonly fields: Shape['fields'] };
  readonly fields: Readonly<Record<string, Field>>;
}

/** The JSON document of one command. */
export interface DocumentShape extends Shape {
  readonly command: string;
  /** Shapes that the fields refer to, by name. */
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** The JSON Schema of a document. */
export function schemaOf(document: DocumentShape, version: number): Schema {
  const { command, shapes } = document;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:redis-hygiene:${command}:v${version}`,
    title: `redis-hygiene ${command} --json`,
    ...objectSchema(document),
    $defs: Object.fromEntries(Object.entries(shapes).map(([name, one]) => [name, objectSchema(one)])),
  };
}

function objectSchema({ meaning, base, fields }: Shape): Schema {
  const entries = Object.entries({ ...base?.fields, ...fields });
  return {
    description: toPlainText(meaning),
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [name, fieldSchema(field)])),
    required: entries.filter(([, { missing }]) => missing === undefined).map(([name]) => name),
    additionalProperties: false,
  };
}

function fieldSchema({ kind, meaning, missing }: Field): Schema {
  const description = missing === undefined ? meaning : `${meaning} Missing ${missing}.`;
  return { description: toPlainText(description), ...kind.schema };
}

/** Removes links and code marks from Markdown. */
function toPlainText(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('`', '');
}
