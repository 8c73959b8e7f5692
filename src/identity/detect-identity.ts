import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { HygieneError } from '../core/errors.js';

/** The two halves of every connection's name, found once per factory. */
export interface Identity {
  readonly service: string;
  readonly host: string;
}

/** Where an identity is looked for. */
export interface IdentitySources {
  readonly service?: string | undefined;
  readonly host?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The folder in which the search for a package.json begins, upwards. */
  readonly directory: string;
  readonly hostname: () => string;
}

/** The sources of this process: its environment, and the folder of its main script. */
export function processSources(): Pick<IdentitySources, 'env' | 'directory' | 'hostname'> {
  const script = process.argv[1];
  return { env: process.env, directory: script ? dirname(resolve(script)) : process.cwd(), hostname };
}

function packageName(file: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown };
    return typeof name === 'string' ? name.trim() : undefined;
  } catch {
    return undefined; // unreadable or not JSON: the search goes on one folder up
  }
}

function nearestPackageName(directory: string): string | undefined {
  const file = join(directory, 'package.json');
  const name = existsSync(file) ? packageName(file) : undefined;
  const parent = dirname(directory);
  return name || parent === directory ? name : nearestPackageName(parent);
}

/** `@acme/orders` reads `acme/orders`: `@` separates service from host. */
function withoutScopeSign(name: string | undefined): string | undefined {
  return name?.replace(/^@/, '');
}

function firstNonBlank(...candidates: (() => string | undefined)[]): string | undefined {
  for (const candidate of candidates) {
    const value = candidate()?.trim();
    if (value) return value;
  }
  return undefined;
}

/**
 * Finds who this process is. Service: the option, `REDIS_HYGIENE_SERVICE`, `OTEL_SERVICE_NAME`,
 * `npm_package_name`, the nearest package.json. Host: the option, `HOSTNAME`, `os.hostname()`.
 *
 * @throws HygieneError `HYG_SERVICE_MISSING`
 */
export function detectIdentity(sources: IdentitySources): Identity {
  const { env } = sources;
  const service = firstNonBlank(
    () => sources.service,
    () => env['REDIS_HYGIENE_SERVICE'],
    () => env['OTEL_SERVICE_NAME'],
    () => withoutScopeSign(env['npm_package_name']),
    () => withoutScopeSign(nearestPackageName(sources.directory)),
  );
  if (!service) {
    throw new HygieneError('HYG_SERVICE_MISSING', 'This service has no name, expected one for CLIENT LIST.', {
      details: { searchedFrom: sources.directory },
    });
  }
  const host = firstNonBlank(
    () => sources.host,
    () => env['HOSTNAME'],
    () => sources.hostname(),
  );
  return { service, host: host ?? 'localhost' };
}
