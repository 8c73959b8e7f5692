import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
const compiled = new Map<string, ValidateFunction>();

function validatorFor(command: string): ValidateFunction {
  const known = compiled.get(command);
  if (known) return known;
  const file = new URL(`../../docs/schema/${command}.v1.json`, import.meta.url);
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  compiled.set(command, validate);
  return validate;
}

/** Errors of a document according to the published schema of its command. Empty if the document is valid. */
export function schemaErrors(command: string, document: unknown): readonly string[] {
  const validate = validatorFor(command);
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '', params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}
