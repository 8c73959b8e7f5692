import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { groupKeys } from '../../../src/doctor/group/group-keys.js';
import type { clientsDocument } from '../../../scripts/docs/json/clients.js';
import { documents } from '../../../scripts/docs/json/documents.js';
import { schemaErrors } from '../../support/json-schema.js';
import { runCli } from '../../support/command-io.js';

const FIXTURES = fileURLToPath(new URL('../../fixtures/client-list/', import.meta.url));
const files = readdirSync(FIXTURES).filter((file) => file.endsWith('.txt'));

async function printed(command: string, ...argv: string[]): Promise<Record<string, unknown>> {
  const { stdout } = await runCli([command, ...argv, '--json']);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe.for(files)('for the list %s', (file) => {
  test('clients and doctor print JSON that matches their schemas', async () => {
    for (const command of ['clients', 'doctor']) {
      const document = await printed(command, '--file', FIXTURES + file);
      expect(schemaErrors(command, document)).toEqual([]);
    }
  });
});

test.for(groupKeys)('clients --by %s prints JSON that matches the schema', async (by) => {
  const document = await printed('clients', '--file', `${FIXTURES}redis-8.0.txt`, '--by', by);
  expect(schemaErrors('clients', document)).toEqual([]);
  expect(document['by']).toBe(by);
});

describe('the JSON schemas', () => {
  test.for(documents)('refuse missing and additional fields of $command', async ({ command }) => {
    expect(schemaErrors(command, {}).length).toBeGreaterThan(4);
    if (command !== 'clients' && command !== 'doctor') return;
    const document = await printed(command, '--file', `${FIXTURES}redis-7.0.txt`);
    expect(schemaErrors(command, { ...document, more: 1 })).toHaveLength(1);
    expect(schemaErrors(command, { ...document, version: 2 })).toHaveLength(1);
    expect(schemaErrors(command, { ...document, at: 'now' })).toHaveLength(1);
  });

  test('name the unit in every field that is a measurement', () => {
    const fields = documents.flatMap(({ fields, shapes }) =>
      [fields, ...Object.values(shapes).map((shape) => shape.fields)].flatMap(Object.entries),
    ) as [string, (typeof clientsDocument)['fields'][string]][];
    const measured = fields.filter(([, { kind }]) => ['seconds', 'bytes'].includes(kind.label));
    expect(measured.length).toBeGreaterThan(5);
    for (const [name, { kind }] of measured) expect(name.toLowerCase()).toMatch(new RegExp(`${kind.label}$`));
  });
});
