/** A piece of JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** What a field holds: as people read it, and as JSON Schema has it. */
export interface Kind {
  readonly words: string;
  readonly schema: Schema;
}

const kind = (words: string, schema: Schema): Kind => ({ words, schema });

export const text = kind('text', { type: 'string' });
export const whole = kind('whole number', { type: 'integer' });
export const count = kind('count', { type: 'integer', minimum: 0 });
export const seconds = kind('seconds', { type: 'number', minimum: 0 });
export const bytes = kind('bytes', { type: 'integer', minimum: 0 });
export const share = kind('0 to 1', { type: 'number', minimum: 0, maximum: 1 });
export const ratio = kind('0 or more', { type: 'number', minimum: 0 });
export const yesNo = kind('true or false', { type: 'boolean' });
export const time = kind('time, ISO 8601 in UTC', {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
});

export function exactly(value: string | number): Kind {
  return kind(`\`${value}\``, { const: value });
}

export function oneOf(values: readonly string[]): Kind {
  return kind(values.map((value) => `\`${value}\``).join(', '), { enum: values });
}

export function matching(pattern: string): Kind {
  return kind('text', { type: 'string', pattern });
}

/** An object of a shape that has a name. */
export function shape(name: string): Kind {
  return kind(`[${name}](#${name.toLowerCase()})`, { $ref: `#/$defs/${name}` });
}

export function list({ words, schema }: Kind, most?: number): Kind {
  const limit = most === undefined ? {} : { maxItems: most };
  return kind(`list of ${words}`, { type: 'array', items: schema, ...limit });
}

/** An object whose keys are no fields but words of these. */
export function byWord(words: readonly string[], { schema }: Kind): Kind {
  const keys = words.map((word) => `\`${word}\``).join(', ');
  return kind(`object: ${keys}`, {
    type: 'object',
    propertyNames: { enum: words },
    additionalProperties: schema,
  });
}

/** An object with keys that depend on the case, and numbers or texts as their values. */
export const figures = kind('object of numbers and texts', {
  type: 'object',
  additionalProperties: { type: ['number', 'string'] },
});
