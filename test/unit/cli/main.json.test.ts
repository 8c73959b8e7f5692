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

describe.for(files)('of the list %s', (file) => {
  test('clients and doctor print what their schemas say', async () => {
    for (const command of ['clients', 'doctor']) {
      const document = await printed(command, '--file', FIXTURES + file);
      expect(schemaErrors(command, document)).toEqual([]);
    }
  });
});

test.for(groupKeys)('grouped by %s', async (by) => {
  const document = await printed('clients', '--file', `${FIXTURES}redis-8.0.txt`, '--by', by);
  expect(schemaErrors('clients', document)).toEqual([]);
  expect(document['by']).toBe(by);
});

describe('the schemas', () => {
  test.for(documents)('of $command names each field, and no other', async ({ command }) => {
    expect(schemaErrors(command, {}).length).toBeGreaterThan(4);
    if (command !== 'clients' && command !== 'doctor') return;
    const document = await printed(command, '--file', `${FIXTURES}redis-7.0.txt`);
    expect(schemaErrors(command, { ...document, more: 1 })).toHaveLength(1);
    expect(schemaErrors(command, { ...document, version: 2 })).toHaveLength(1);
    expect(schemaErrors(command, { ...document, at: 'now' })).toHaveLength(1);
  });

  test('have units in the names of what is measured', () => {
    const fields = documents.flatMap(({ fields, shapes }) =>
      [fields, ...Object.values(shapes).map((one) => one.fields)].flatMap(Object.entries),
    ) as [string, (typeof clientsDocument)['fields'][string]][];
    const measured = fields.filter(([, { kind }]) => ['seconds', 'bytes'].includes(kind.words));
    expect(measured.length).toBeGreaterThan(5);
    for (const [name, { kind }] of measured) expect(name.toLowerCase()).toMatch(new RegExp(`${kind.words}$`));
  });
});
