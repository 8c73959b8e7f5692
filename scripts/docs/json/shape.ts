import type { Kind, Schema } from './kind.js';

/** One field of an object. */
export interface Field {
  readonly kind: Kind;
  readonly meaning: string;
  /** When it is not there. Without it, it always is. */
  readonly missing?: string;
}

/** An object with these fields, and no others. */
export interface Shape {
  readonly meaning: string;
  /** Another shape, all of whose fields it has too. */
  readonly basis?: { readonly name: string; readonly fields: Shape['fields'] };
  readonly fields: Readonly<Record<string, Field>>;
}

/** What one command prints. */
export interface DocumentShape extends Shape {
  readonly command: string;
  /** The shapes that its fields name. */
  readonly shapes: Readonly<Record<string, Shape>>;
}

const withoutLinks = (text: string) => text.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('`', '');

function describe({ kind, meaning, missing }: Field): Schema {
  const description = missing === undefined ? meaning : `${meaning} Missing: ${missing}.`;
  return { description: withoutLinks(description), ...kind.schema };
}

function objectSchema({ meaning, basis, fields }: Shape): Schema {
  const entries = Object.entries({ ...basis?.fields, ...fields });
  return {
    description: withoutLinks(meaning),
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, field]) => [name, describe(field)])),
    required: entries.filter(([, { missing }]) => missing === undefined).map(([name]) => name),
    additionalProperties: false,
  };
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
