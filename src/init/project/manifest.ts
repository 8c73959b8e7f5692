import { basename, join } from 'node:path';
import { HygieneError } from '../../core/errors.js';
import { above, isFile, readText } from './project-files.js';

/** What is read of a package.json. */
export interface Manifest {
  readonly text: string;
  readonly name: string | undefined;
  readonly main: string | undefined;
  readonly type: 'module' | 'commonjs' | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  /** Names and ranges of everything that is installed for it. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** ESLint 8 could be configured here. */
  readonly hasEslintConfig: boolean;
  readonly hasWorkspaces: boolean;
}

type Data = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Data => typeof value === 'object' && value !== null;

function strings(value: unknown): Record<string, string> {
  const entries = isObject(value) && !Array.isArray(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

const text = (value: unknown) =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;

function parse(file: string, json: string): Data {
  try {
    const data = JSON.parse(json.replace(/^\uFEFF/, '')) as unknown;
    if (isObject(data) && !Array.isArray(data)) return data;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HygieneError('HYG_INIT_PACKAGE', `${file} does not parse: ${why}.`, { cause });
  }
  throw new HygieneError('HYG_INIT_PACKAGE', `${file} holds no object, expected a package.json.`);
}

function missing(folder: string): HygieneError {
  const nearest = above(folder).find((one) => isFile(one, 'package.json'));
  const hint = nearest === undefined ? '' : ` The nearest one is in ${nearest}.`;
  return new HygieneError('HYG_INIT_PACKAGE', `There is no package.json in ${folder}.${hint}`);
}

/** @throws HygieneError `HYG_INIT_PACKAGE` */
export function readManifest(folder: string): Manifest {
  const file = join(folder, 'package.json');
  const json = readText(file);
  if (json === undefined) throw missing(folder);
  const data = parse(file, json);
  const { type } = data;
  return {
    text: json,
    name: text(data['name']),
    main: text(data['main']),
    type: type === 'module' || type === 'commonjs' ? type : undefined,
    scripts: strings(data['scripts']),
    dependencies: {
      ...strings(data['peerDependencies']),
      ...strings(data['optionalDependencies']),
      ...strings(data['devDependencies']),
      ...strings(data['dependencies']),
    },
    hasEslintConfig: 'eslintConfig' in data,
    hasWorkspaces: 'workspaces' in data,
  };
}

/** The service that a package is: its name, without the sign of its scope, as the runtime finds it. Else its folder's name. */
export function serviceOf({ name }: Manifest, folder: string): string {
  return (name ?? basename(folder)).replace(/^@/, '');
}

/** What a service is built on, by the package that says so. */
export const frameworks = {
  nest: { title: 'Nest', package: '@nestjs/core' },
  fastify: { title: 'Fastify', package: 'fastify' },
  express: { title: 'Express', package: 'express' },
  plain: { title: 'plain', package: undefined },
} as const satisfies Record<string, { readonly title: string; readonly package: string | undefined }>;

/** @see frameworks */
export type Framework = keyof typeof frameworks;

const names = Object.keys(frameworks) as readonly Framework[];

/** What a service may be built on: one, or several where neither its dependencies nor its entry decide. Nest brings its own Express or Fastify. */
export function findFrameworks({ dependencies }: Manifest, entry = ''): readonly Framework[] {
  const there = names.filter((name) => (frameworks[name].package ?? '') in dependencies);
  if (there.includes('nest')) return ['nest'];
  if (there.length < 2) return there.length === 0 ? ['plain'] : there;
  const used = there.filter((name) => new RegExp(`['"]${frameworks[name].package ?? ''}['"]`).test(entry));
  return used.length === 1 ? used : there;
}
