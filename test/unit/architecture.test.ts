import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

/** The floors of docs/architecture.md: a file imports from its own folder or from lower floors. */
const FLOORS: Readonly<Record<string, number>> = {
  core: 0,
  identity: 1,
  doctor: 2, // a tower: nothing of the runtime but the errors and the name contract
  init: 2, // another tower: files of a project, and nothing of the runtime but the errors and the name contract
  cli: 3,
  eslint: 0, // a tower: nothing of the rest
  options: 2,
  ledger: 2,
  liveness: 3,
  connect: 4,
  shutdown: 6,
  pool: 5,
  subscriber: 5,
  sentinel: 6,
  factory: 7,
  register: 8,
  dropin: 8,
  'index.ts': 9,
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => /\.c?ts$/.test(file));

/** `import … from`, `export … from` and `import x = require()`; a line that begins with `import type` loads nothing. */
const STATEMENT = /^(import|export)(\s+type)?\b[^;]*?(?:from\s+|require\()'([^']+)'/gms;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(STATEMENT)].map(([, , type, from = '']) => ({
    file,
    from,
    typeOnly: type !== undefined,
  }));
}

const imports = files.flatMap(importsOf);

function target({ file, from }: Import): string {
  return relative(SRC, resolve(SRC, dirname(file), from));
}

function roomOf(path: string): string {
  const [first = ''] = path.replace(/\.js$/, '.ts').split(sep);
  return first;
}

function floorOf(path: string): number | undefined {
  return FLOORS[roomOf(path)];
}

test('every file stands on a floor', () => {
  expect(files.filter((file) => floorOf(file) === undefined)).toEqual([]);
  expect(imports.length).toBeGreaterThan(100);
});

test('a file imports from its own folder or from lower floors', () => {
  const upwards = imports
    .filter(({ from }) => from.startsWith('.'))
    .filter((one) => {
      const [own, other] = [floorOf(one.file) ?? -1, floorOf(target(one)) ?? Infinity];
      return other > own || (other === own && roomOf(one.file) !== roomOf(target(one)));
    });
  expect(upwards.map((one) => `${one.file} → ${target(one)}`)).toEqual([]);
});

test('the doctor, the command line and the rules stand alone', () => {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    doctor: ['core', 'identity', 'doctor'],
    init: ['core', 'identity', 'init'],
    cli: ['core', 'doctor', 'init', 'cli'],
    eslint: ['eslint'],
  };
  const strayed = imports.filter((one) => {
    const rooms = allowed[roomOf(one.file)];
    return rooms && one.from.startsWith('.') && !rooms.includes(roomOf(target(one)));
  });
  expect(strayed.map((one) => `${one.file} → ${target(one)}`)).toEqual([]);
});

describe('packages', () => {
  const packages = imports.filter(({ from }) => !from.startsWith('.') && !from.startsWith('node:'));
  const importers = (name: string) =>
    [
      ...new Set(packages.filter(({ from, typeOnly }) => from === name && !typeOnly).map(({ file }) => file)),
    ].sort();

  test('ioredis is loaded in one place of the runtime and one of the doctor, and re-exported by the drop-in alone', () => {
    expect(importers('ioredis')).toEqual(['dropin/index.ts', 'dropin/types.cts', 'dropin/types.ts']);
    const loaders = files.filter(
      (file) =>
        readFileSync(join(SRC, file), 'utf8').includes("require('ioredis')") && !file.startsWith('dropin'),
    );
    expect(loaders).toEqual(['connect/ioredis/load-ioredis.ts', 'doctor/server/server-connection.ts']);
  });

  test('each other package has one importer', () => {
    expect(importers('eventemitter3')).toEqual(['core/emitter.ts']);
    expect(importers('close-with-grace')).toEqual(['shutdown/shutdown-hooks.ts']);
    expect(importers('generic-pool')).toEqual(['pool/idle-connections.ts']);
    // A command line is made of commands: commander gives each its options.
    expect(importers('commander').filter((file) => !file.startsWith('cli/'))).toEqual([]);
    expect(importers('yaml')).toEqual(['doctor/fleet/fleet-file.ts']);
    expect(importers('@eslint-community/eslint-utils')).toEqual(['eslint/data-flow/trace-origin.ts']);
    expect(importers('picomatch')).toEqual(['eslint/file-kinds.ts']);
    expect(importers('diff')).toEqual(['init/apply-plan.ts']);
    const known = ['commander', 'yaml', 'ioredis', 'eventemitter3', 'close-with-grace', 'generic-pool'];
    known.push('@eslint-community/eslint-utils', 'picomatch', 'diff');
    const types = ['eslint', '@typescript-eslint/utils'];
    const strangers = packages.filter(
      ({ from, typeOnly }) => !known.includes(from) && !(typeOnly && types.includes(from)),
    );
    expect(strangers).toEqual([]);
  });
});

test('time, timers and randomness come through core/clock.ts', () => {
  // Rules name the functions that they look for.
  const running = files.filter((file) => roomOf(file) !== 'eslint');
  const owners = running.filter((file) =>
    /\b(setTimeout|setInterval|Date\.now|Math\.random|performance\.now)\b/.test(
      readFileSync(join(SRC, file), 'utf8'),
    ),
  );
  expect(owners).toEqual(['core/clock.ts']);
});

test('src/index.ts is a table of contents', () => {
  const lines = readFileSync(join(SRC, 'index.ts'), 'utf8').split('\n');
  expect(lines.filter((line) => !/^(export |} from | {2}|$)/.test(line))).toEqual([]);
});
