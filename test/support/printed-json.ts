import { expect } from 'vitest';
import { runCli, type CliEnvironment } from './command-io.js';
import { schemaErrors } from './json-schema.js';

/** A document of the command line, as far as all of them are alike. */
interface Document {
  readonly failures: readonly { readonly code: string }[];
  readonly targets: readonly { readonly target: string; readonly kind: string }[];
  readonly [field: string]: unknown;
}

/** What a command with `--json` printed. */
export interface Printed {
  readonly code: number;
  readonly document: Document;
  readonly stderr: string;
}

/** Runs a command, and holds what it prints against its schema. */
export async function printJson(
  [command = '', ...argv]: readonly string[],
  world: CliEnvironment = {},
): Promise<Printed> {
  const { code, stdout, stderr } = await runCli([command, ...argv, '--json'], world);
  const document = JSON.parse(stdout) as Document;
  expect(schemaErrors(command, document)).toEqual([]);
  expect(document).toMatchObject({ schema: `redis-hygiene/${command}`, version: 1 });
  return { code, document, stderr };
}
