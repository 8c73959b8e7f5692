import { basename, join } from 'node:path';
import { HygieneError } from '../../core/errors.js';
import { isFile, parentFolders, readText } from './project-files.js';

/** The fields of a package.json that `init` uses. */
export interface Manifest {
  readonly text: string;
  readonly name: string | undefined;
  readonly main: string | undefined;
  readonly type: 'module' | 'commonjs' | undefined;
  readonly scripts: Readonly<Record<string, string>>;
  /** Names and version ranges of all dependencies: regular, dev, optional and peer. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Whether the file contains an ESLint config, as ESLint 8 reads it. */
  readonly hasEslintConfig: boolean;
  readonly hasWorkspaces: boolean;
  /** The version of BullMQ that is installed, if it is. */
  readonly bullmqVersion: string | undefined;
}

/** @throws HygieneError `HYG_INIT_PACKAGE` */
export function readManifest(folder: string): Manifest {
  const file = join(folder, 'package.json');
  const text = readText(file);
  if (text === undefined) throw missingManifest(folder);
  const data = parseManifest(file, text);
  const { type } = data;
  return {
    text,
    name: textOrUndefined(data['name']),
    main: textOrUndefined(data['main']),
    type: type === 'module' || type === 'commonjs' ? type : undefined,
    scripts: stringsOf(data['scripts']),
    dependencies: {
      ...stringsOf(data['peerDependencies']),
      ...stringsOf(data['optionalDependencies']),
      ...stringsOf(data['devDependencies']),
      ...stringsOf(data['dependencies']),
    },
    hasEslintConfig: 'eslintConfig' in data,
    hasWorkspaces: 'workspaces' in data,
    bullmqVersion: installedVersion(folder, 'bullmq'),
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseManifest(file: string, text: string): JsonObject {
  try {
    const data = JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
    if (isObject(data)) return data;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HygieneError('HYG_INIT_PACKAGE', `${file} cannot be parsed: ${why}.`, { cause });
  }
  throw new HygieneError('HYG_INIT_PACKAGE', `${file} does not contain a JSON object.`);
}

function missingManifest(folder: string): HygieneError {
  const nearest = parentFolders(folder).find((parent) => isFile(parent, 'package.json'));
  const hint = nearest === undefined ? '' : ` The nearest one is in ${nearest}.`;
  return new HygieneError('HYG_INIT_PACKAGE', `There is no package.json in ${folder}.${hint}`);
}

/** Fields of an object that are strings. */
function stringsOf(value: unknown): Record<string, string> {
  const entries = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function textOrUndefined(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

/**
 * Service name of a package: the name of the package without the `@` of its scope, as the runtime derives it. Without
 * a package name, the name of the folder.
 */
export function serviceOf({ name }: Manifest, folder: string): string {
  return (name ?? basename(folder)).replace(/^@/, '');
}

/** Supported frameworks, each with the package that reveals it. */
export const frameworks = {
  nest: { title: 'Nest', package: '@nestjs/core' },
  fastify: { title: 'Fastify', package: 'fastify' },
  express: { title: 'Express', package: 'express' },
  plain: { title: 'plain', package: undefined },
} as const satisfies Record<string, { readonly title: string; readonly package: string | undefined }>;

/** Name of a supported framework. */
export type Framework = keyof typeof frameworks;

const frameworkNames = Object.keys(frameworks) as readonly Framework[];

/**
 * Frameworks that a service may use. The result has several where neither the dependencies nor the entry file decide.
 * A dependency on Nest decides alone, because Nest itself depends on Express or Fastify.
 */
export function findFrameworks({ dependencies }: Manifest, entry = ''): readonly Framework[] {
  const installed = frameworkNames.filter((name) => (frameworks[name].package ?? '') in dependencies);
  if (installed.includes('nest')) return ['nest'];
  if (installed.length < 2) return installed.length === 0 ? ['plain'] : installed;
  const used = installed.filter((name) =>
    new RegExp(`['"]${frameworks[name].package ?? ''}['"]`).test(entry),
  );
  return used.length === 1 ? used : installed;
}

/**
 * Whether a package uses a major of BullMQ for which there is an adapter: that of the installed version, and else a range in
 * which there is one (`^3 || ^5`, `>=5 <7`).
 */
export function usesBullmq({ dependencies, bullmqVersion }: BullmqFacts): boolean {
  const range = dependencies['bullmq'];
  if (range === undefined) return false;
  if (bullmqVersion !== undefined) return /^[56]\./.test(bullmqVersion);
  return /(?:^|[\s|])[~^v>=]*\s*[56](?:\.|\s|$)/.test(range);
}

type BullmqFacts = Pick<Manifest, 'dependencies' | 'bullmqVersion'>;

/** The version of a package that is installed for a folder. */
function installedVersion(folder: string, name: string): string | undefined {
  const text = [folder, ...parentFolders(folder)]
    .map((one) => readText(one, 'node_modules', name, 'package.json'))
    .find((one) => one !== undefined);
  return /"version"\s*:\s*"([^"]+)"/.exec(text ?? '')?.[1];
}
