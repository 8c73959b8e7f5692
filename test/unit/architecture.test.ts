import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const UNIT_TESTS = fileURLToPath(new URL('.', import.meta.url));

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
  adapters: 8,
  register: 8,
  dropin: 8,
  logs: 8,
  metrics: 8,
  testing: 8,
  'index.ts': 9,
};

/** The layers inside of connect/: a file imports from its own layer or from those before it. */
const CONNECT_LAYERS = ['ioredis', 'dial', 'connection', 'connectors', 'client', 'cluster'];

/** Files that stand directly under test/unit and test something else than one file of src. */
const WITHOUT_A_SOURCE = ['architecture.test.ts', 'docs-output.test.ts', 'docs.test.ts', 'links.test.ts'];

interface Import {
  readonly file: string;
  readonly from: string;
  readonly typeOnly: boolean;
}

function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.map((file) => file.split(sep).join('/')).filter((file) => /\.c?ts$/.test(file));
}

const files = filesIn(SRC);

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function textOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}

/** `import … from`, `export … from` and `import x = require()`; a line that begins with `import type` loads nothing. */
const STATEMENT = /^(import|export)(\s+type)?\b[^;]*?(?:from\s+|require\()'([^']+)'/gms;

/** `import('…')`, of a module that is loaded when it is wanted, or of a type. */
const IMPORT_CALL = /\bimport\('(\.[^']+)'\)/g;

function importsOf(file: string): Import[] {
  const text = textOf(file);
  const statements = [...text.matchAll(STATEMENT)].map(([, , type, from = '']) => ({
    file,
    from,
    typeOnly: type !== undefined,
  }));
  const calls = [...text.matchAll(IMPORT_CALL)].map(([, from = '']) => ({ file, from, typeOnly: false }));
  return [...statements, ...calls];
}

const imports = files.flatMap(importsOf);

/** Imports of other files of src, types included. */
const inner = imports.filter(({ from }) => from.startsWith('.') && !/\.(cjs|json)$/.test(from));

function target({ file, from }: Import): string {
  const path = relative(SRC, resolve(SRC, dirname(file), from))
    .split(sep)
    .join('/');
  return path.replace(/\.js$/, '.ts');
}

function folderOf(path: string): string {
  const [first = ''] = path.split('/');
  return first;
}

function floorOf(path: string): number | undefined {
  return FLOORS[folderOf(path)];
}

/** An import that breaks a rule, as a failing test shows it. */
function arrow(one: Import): string {
  return `${one.file} → ${target(one)}`;
}

test('every file of src belongs to a floor', () => {
  expect(files.filter((file) => floorOf(file) === undefined)).toEqual([]);
  expect(imports.length).toBeGreaterThan(100);
});

test('every import of another file leads to a file', () => {
  expect(inner.filter((one) => !files.includes(target(one))).map(arrow)).toEqual([]);
});

test('a file imports from its own folder or from lower floors', () => {
  const upwards = inner.filter((one) => {
    const [own, other] = [floorOf(one.file) ?? -1, floorOf(target(one)) ?? Infinity];
    return other > own || (other === own && folderOf(one.file) !== folderOf(target(one)));
  });
  expect(upwards.map(arrow)).toEqual([]);
});

test('each layer of connect/ imports from itself and from the layers before it', () => {
  const layerOf = (path: string) => CONNECT_LAYERS.indexOf(path.split('/')[1] ?? '');
  const within = inner.filter((one) => [one.file, target(one)].every((path) => folderOf(path) === 'connect'));
  expect(within.length).toBeGreaterThan(50);
  expect(
    within.filter((one) => layerOf(one.file) < 0 || layerOf(target(one)) > layerOf(one.file)).map(arrow),
  ).toEqual([]);
});

test('files do not import each other in a circle, types included', () => {
  expect(circlesIn(inner.map((one) => [one.file, target(one)]))).toEqual([]);
});

test('a circle is found, also one of three files', () => {
  const arrows = [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
    ['d', 'a'],
  ] as const;
  expect(circlesIn(arrows)).toEqual(['a → b → c → a']);
});

/** The circles in a graph, each as the way around it. */
function circlesIn(arrows: readonly (readonly [string, string])[]): string[] {
  const targets = groupBy(arrows, ([from]) => from);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at >= 0) circles.push([...way.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const [, next] of targets.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return circles;
}

test('no exported type has the name of another one', () => {
  const TYPE = /^export (?:declare )?(?:abstract )?(?:class|interface|type) (\w+)/gm;
  const named = files.flatMap((file) =>
    [...textOf(file).matchAll(TYPE)].map(([, name = '']) => ({ name, file })),
  );
  expect(named.length).toBeGreaterThan(200);
  const twice = [...groupBy(named, ({ name }) => name)].filter(([, all]) => all.length > 1);
  expect(twice.map(([name, all]) => `${name}: ${all.map(({ file }) => file).join(', ')}`)).toEqual([]);
});

test('no folder but src itself has more than 15 files', () => {
  const folders = groupBy(files, dirname);
  const full = [...folders].filter(([folder, own]) => folder !== '.' && own.length > 15);
  expect(full.map(([folder, own]) => `${folder}: ${own.length}`)).toEqual([]);
});

test('the doctor, the command line and the rules stand alone', () => {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    doctor: ['core', 'identity', 'doctor'],
    init: ['core', 'identity', 'init'],
    cli: ['core', 'doctor', 'init', 'cli'],
    eslint: ['eslint'],
  };
  const strayed = inner.filter((one) => {
    const folders = allowed[folderOf(one.file)];
    return folders && !folders.includes(folderOf(target(one)));
  });
  expect(strayed.map(arrow)).toEqual([]);
});

test('the preload takes nothing of the factory but what opens connections', () => {
  const taken = inner
    .filter((one) => folderOf(one.file) === 'register')
    .map(target)
    .filter((path) => folderOf(path) === 'factory');
  expect([...new Set(taken)]).toEqual(['factory/connections.ts']);
});

describe('packages', () => {
  const packages = imports.filter(({ from }) => !from.startsWith('.') && !from.startsWith('node:'));
  const importers = (name: string) =>
    [
      ...new Set(packages.filter(({ from, typeOnly }) => from === name && !typeOnly).map(({ file }) => file)),
    ].sort();

  /** Files that load a package when it is needed. */
  const loaders = (name: string) =>
    files.filter((file) => textOf(file).includes(`require('${name}')`)).sort();

  test('ioredis is loaded in one place of the runtime, and nowhere by the doctor', () => {
    expect(importers('ioredis')).toEqual(['dropin/types.ts']); // its types
    expect(loaders('ioredis')).toEqual(['connect/ioredis/load-ioredis.ts']);
  });

  test('each other package has one importer', () => {
    expect(importers('eventemitter3')).toEqual(['core/emitter.ts']);
    expect(loaders('close-with-grace')).toEqual(['shutdown/process-hooks.ts']);
    expect(loaders('generic-pool')).toEqual(['pool/generic-pool.ts']);
    expect(loaders('prom-client')).toEqual(['metrics/prometheus.ts']);
    expect(loaders('@opentelemetry/api')).toEqual(['metrics/otel.ts']);
    // A command line is made of commands: commander gives each its options.
    expect(importers('commander').filter((file) => !file.startsWith('cli/'))).toEqual([]);
    expect(importers('yaml')).toEqual(['doctor/fleet/fleet-file.ts']);
    expect(importers('@eslint-community/eslint-utils')).toEqual(['eslint/data-flow/trace-origin.ts']);
    expect(importers('picomatch')).toEqual(['eslint/file-kinds.ts']);
    expect(importers('fastify-plugin')).toEqual(['adapters/fastify/plugin.ts']);
    expect(loaders('@nestjs/common').filter((file) => !file.startsWith('adapters/nestjs/'))).toEqual([]);
    // Nest's core is asked for one token, and may be hidden by a package manager.
    expect(loaders('@nestjs/core')).toEqual(['adapters/nestjs/load-nest.ts']);
    expect(importers('diff')).toEqual(['init/apply-plan.ts']);
    const known = ['commander', 'yaml', 'ioredis', 'eventemitter3'];
    known.push('@eslint-community/eslint-utils', 'picomatch', 'diff', 'fastify-plugin', '@nestjs/core');
    const types = ['close-with-grace', 'eslint', 'generic-pool', '@opentelemetry/api'];
    types.push('@typescript-eslint/utils', 'fastify', '@nestjs/common', 'bullmq');
    const strangers = packages.filter(
      ({ from, typeOnly }) => !known.includes(from) && !(typeOnly && types.includes(from)),
    );
    expect(strangers).toEqual([]);
  });
});

test('time, timers and randomness come through core/clock.ts', () => {
  // Rules name the functions that they look for.
  const running = files.filter((file) => folderOf(file) !== 'eslint');
  const owners = running.filter((file) =>
    /\b(setTimeout|setInterval|Date\.now|Math\.random|performance\.now)\b/.test(textOf(file)),
  );
  expect(owners).toEqual(['core/clock.ts']);
});

test('src/index.ts is a table of contents', () => {
  const lines = textOf('index.ts').split('\n');
  expect(lines.filter((line) => !/^(export |} from | {2}|$)/.test(line))).toEqual([]);
});

test('unit tests mirror src: <file>.test.ts, or <file>.<what it is about>.test.ts, in the same folder', () => {
  const tests = filesIn(UNIT_TESTS).filter((file) => !WITHOUT_A_SOURCE.includes(file));
  expect(tests.length).toBeGreaterThan(100);
  const sourceOf = (file: string) => file.replace(/(\.[\w-]+)?\.test\.ts$/, '.ts');
  expect(tests.filter((file) => !file.endsWith('.test.ts') || !files.includes(sourceOf(file)))).toEqual([]);
});
