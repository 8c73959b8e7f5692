import { describe, expect, test } from 'vitest';
import { HygieneError } from '../../../../src/core/errors.js';
import type { Attribution } from '../../../../src/doctor/attribution/attribution.js';
import { rankGroups } from '../../../../src/doctor/group/ranking.js';
import { clientsJson } from '../../../../src/doctor/render/clients-report.js';
import { documentHead, renderJson, rowJson } from '../../../../src/doctor/render/json-document.js';
import { groupedClients } from '../../../support/unit/doctor/group/groups.js';
import { clientRow } from '../../../support/unit/doctor/rows.js';

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

describe('a document', () => {
  test('begins with its schema, version and time', () => {
    expect(documentHead('reap', { at: AT, failures: [], warnings: [] })).toEqual({
      ...{
        schema: 'redis-hygiene/reap',
        version: 1,
        at: '2026-01-02T03:04:05.678Z',
        failures: [],
        warnings: [],
      },
    });
  });

  test('lists the servers that could not be read', () => {
    const failures = [new HygieneError('HYG_TARGET_UNREACHABLE', '10.0.0.1:1 cannot be reached.')];
    const { failures: listed } = documentHead('doctor', { at: AT, failures, warnings: [] });
    expect(listed).toEqual([
      {
        code: 'HYG_TARGET_UNREACHABLE',
        message: expect.stringMatching(/^10\.0\.0\.1:1 cannot be reached\./) as string,
      },
    ]);
  });

  test('is indented', () => {
    expect(renderJson({ a: { b: 1 } })).toEqual(['{\n  "a": {\n    "b": 1\n  }\n}']);
  });

  test('contains no secrets at any depth', () => {
    const url = 'rediss://ann:s3cret@10.0.0.1/0';
    const text = renderJson({ a: url, b: [{ c: `see ${url}` }] }).join('\n');
    expect(text).not.toMatch(/s3cret|ann/);
    expect(text).toContain('10.0.0.1');
  });
});

test('a URL as the name of clients is printed without its password', async () => {
  const name = 'redis://:s3cret@10.0.0.1';
  const attributions = new Map<string, Attribution>([
    [name, { owner: name, source: 'other-name', confidence: 'likely', note: `named ${name}` }],
  ]);
  const grouped = await groupedClients({ [name]: 2 }, { attributions });
  const options = { where: `name=${name}` };
  const data = clientsJson(grouped, rankGroups(grouped, 9), options, { at: AT, failures: [], warnings: [] });
  expect(data.groups[0]).toMatchObject({ key: name, clients: 2, attribution: { owner: name } });
  expect(renderJson(data).join()).not.toContain('s3cret');
});

test('unprintable characters are escaped without changing the data', () => {
  const data = { name: 'a\x1b\u009b\u202e\u2028\u{e0001}é\ud800', list: [1] };
  const [text = ''] = renderJson(data);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}]/u);
  expect(text).toContain('é');
  expect(JSON.parse(text)).toEqual(data);
});

describe('a row', () => {
  test('has units in its names, and leaves out unknown fields', () => {
    expect(rowJson(clientRow({ id: 9, totMem: 0, user: '', laddr: '' }))).toEqual({
      ...{ id: 9, addr: '172.18.0.50:40009', ip: '172.18.0.50', name: '', ageSeconds: 100, idleSeconds: 1 },
      ...{ flags: 'N', db: 0, cmd: 'get', sub: 0, psub: 0, ssub: 0, outputBufferBytes: 0 },
      target: '172.18.0.2:6379',
    });
  });

  test('has all known fields', () => {
    const row = clientRow({ multi: 2, libName: 'ioredis', libVer: '5.4.1' });
    expect(rowJson(row)).toMatchObject({
      ...{ laddr: '172.18.0.2:6379', multi: 2, memoryBytes: 2_000, user: 'default' },
      ...{ libName: 'ioredis', libVer: '5.4.1' },
    });
  });

  test('leaves out an id that a number cannot hold', () => {
    for (const id of [NaN, 2 ** 53]) expect(rowJson(clientRow({ id }))).not.toHaveProperty('id');
  });
});
