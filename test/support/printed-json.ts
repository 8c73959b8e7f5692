import { expect } from 'vitest';
import { runCli, type CliEnvironment } from './command-io.js';
import { schemaErrors } from './json-schema.js';

/** Fields that the JSON documents of all commands have in common. */
interface Document {
  readonly failures: readonly { readonly code: string }[];
  readonly targets: readonly { readonly target: string; readonly kind: string }[];
  readonly [field: string]: unknown;
}

/** Output of a command with `--json`. */
export interface Printed {
  readonly code: number;
  readonly document: Document;
  readonly stderr: string;
}

/** Runs a command with `--json` and checks its output against the schema. */
export async function printJson(
  [command = '', ...argv]: readonly string[],
  environment: CliEnvironment = {},
): Promise<Printed> {
  const { code, stdout, stderr } = await runCli([command, ...argv, '--json'], environment);
  const document = JSON.parse(stdout) as Document;
  expect(schemaErrors(command, document)).toEqual([]);
  expect(document).toMatchObject({ schema: `redis-hygiene/${command}`, version: 1 });
  return { code, document, stderr };
}
