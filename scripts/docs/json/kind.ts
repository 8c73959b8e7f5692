/** A part of a JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Type of a field: a label for readers, and a JSON Schema. */
export interface Kind {
  readonly label: string;
  readonly schema: Schema;
}

const kind = (label: string, schema: Schema): Kind => ({ label, schema });

export const text = kind('text', { type: 'string' });
export const integer = kind('whole number', { type: 'integer' });
export const count = kind('count', { type: 'integer', minimum: 0 });
export const seconds = kind('seconds', { type: 'number', minimum: 0 });
export const bytes = kind('bytes', { type: 'integer', minimum: 0 });
export const share = kind('0 to 1', { type: 'number', minimum: 0, maximum: 1 });
export const ratio = kind('0 or more', { type: 'number', minimum: 0 });
export const boolean = kind('true or false', { type: 'boolean' });
export const time = kind('time, ISO 8601 in UTC', {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
});

/** A fixed value. */
export function constant(value: string | number): Kind {
  return kind(`\`${value}\``, { const: value });
}

export function oneOf(values: readonly string[]): Kind {
  return kind(values.map((value) => `\`${value}\``).join(', '), { enum: values });
}

export function matching(pattern: string): Kind {
  return kind('text', { type: 'string', pattern });
}

/** An object of a named shape. */
export function shape(name: string): Kind {
  return kind(`[${name}](#${name.toLowerCase()})`, { $ref: `#/$defs/${name}` });
}

export function list({ label, schema }: Kind, maxItems?: number): Kind {
  const limit = maxItems === undefined ? {} : { maxItems };
  return kind(`list of ${label}`, { type: 'array', items: schema, ...limit });
}

/** An object with some of these keys and values of one kind. */
export function recordOf(keys: readonly string[], { schema }: Kind): Kind {
  const labels = keys.map((key) => `\`${key}\``).join(', ');
  return kind(`object: ${labels}`, {
    type: 'object',
    propertyNames: { enum: keys },
    additionalProperties: schema,
  });
}

/** An object with any keys whose values are numbers or texts. */
export const figures = kind('object of numbers and texts', {
  type: 'object',
  additionalProperties: { type: ['number', 'string'] },
});
