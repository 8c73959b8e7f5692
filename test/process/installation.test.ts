import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createConsumer, IOREDIS_COPIES, type Consumer } from '../support/consumer.js';
import { startProgram } from '../support/program.js';

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));
let consumer: Consumer;

beforeEach(() => {
  consumer = createConsumer('ioredis');
});
afterEach(() => consumer[Symbol.dispose]());

async function printedBy(file: string): Promise<unknown> {
  const { stdout, stderr } = await startProgram(consumer, file).exit;
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

function inConsumer(...path: string[]): string {
  return join(consumer.dir, 'node_modules', ...path);
}

test('a service without options takes its name from package.json', async () => {
  expect(await printedBy('detected.mjs')).toEqual({ service: 'consumer', host: 'web-1' });
});

test('a service without a name gets an error that lists the ways to set one', async () => {
  writeFileSync(join(consumer.dir, 'package.json'), '{ "type": "module" }');
  expect(await printedBy('refused.mjs')).toMatchObject({
    name: 'HygieneError',
    code: 'HYG_SERVICE_MISSING',
    message: expect.stringMatching(/service.*REDIS_HYGIENE_SERVICE.*OTEL_SERVICE_NAME.*package\.json/),
  });
});

test('a service without ioredis gets an error that says how to install it', async () => {
  rmSync(inConsumer('ioredis'));
  expect(await printedBy('refused.mjs')).toMatchObject({
    code: 'HYG_IOREDIS_MISSING',
    message: expect.stringContaining('npm install ioredis@6'),
  });
});

test('a service with an outdated ioredis gets an error with the supported versions', async () => {
  rmSync(inConsumer('ioredis'));
  mkdirSync(inConsumer('ioredis'));
  writeFileSync(
    inConsumer('ioredis', 'package.json'),
    '{ "name": "ioredis", "version": "4.28.5", "main": "index.js" }',
  );
  writeFileSync(inConsumer('ioredis', 'index.js'), 'module.exports = class Redis {};');
  expect(await printedBy('refused.mjs')).toMatchObject({
    code: 'HYG_IOREDIS_VERSION',
    message: expect.stringContaining('Found ioredis 4.28.5, expected ^5.11 or ^6'),
  });
});

test('a service with two copies of ioredis gets an error with the paths of both', async () => {
  const nested = inConsumer('redis-hygiene', 'node_modules');
  mkdirSync(nested);
  symlinkSync(join(MODULES, 'ioredis5'), join(nested, 'ioredis'), 'junction');
  const { code, message } = (await printedBy('two-copies.mjs')) as { code: string; message: string };
  expect(code).toBe('HYG_IOREDIS_COPIES');
  for (const copy of IOREDIS_COPIES) expect(message).toContain(join(MODULES, copy, 'built/index.js'));
  expect(message).toContain('"overrides": { "ioredis": "$ioredis" }');
});
