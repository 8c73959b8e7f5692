import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { HygieneError } from '../core/errors.js';

/** The service and host in the name of every connection. Detected once per factory. */
export interface Identity {
  /** The service, for example `orders`. */
  readonly service: string;
  /** The host, container or pod on which the service runs, for example `web-1`. */
  readonly host: string;
}

/** Where the service and host are looked up. */
export interface IdentitySources {
  /** The option `service`. */
  readonly service?: string | undefined;
  /** The option `host`. */
  readonly host?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** The folder in which the search for a package.json starts. The search continues in its parent folders. */
  readonly directory: string;
  readonly hostname: () => string;
}

/** The sources of this process: its environment, and the folder of its main script. */
export function readProcessSources(): Pick<IdentitySources, 'env' | 'directory' | 'hostname'> {
  const script = process.argv[1];
  return { env: process.env, directory: script ? dirname(resolve(script)) : process.cwd(), hostname };
}

/**
 * Detects the identity of this process. Service: the option, `REDIS_HYGIENE_SERVICE`, `OTEL_SERVICE_NAME`,
 * `npm_package_name`, the nearest package.json, the name of the function (Lambda, Cloud Run). Host: the option, `HOSTNAME`, `os.hostname()`.
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
    () => env['AWS_LAMBDA_FUNCTION_NAME'],
    () => env['K_SERVICE'],
  );
  if (!service) {
    throw new HygieneError(
      'HYG_SERVICE_MISSING',
      'No service name was found, and connection names in CLIENT LIST need one.',
      { details: { searchedFrom: sources.directory } },
    );
  }
  const host = firstNonBlank(
    () => sources.host,
    () => env['HOSTNAME'],
    () => sources.hostname(),
  );
  return { service, host: host ?? 'localhost' };
}

function firstNonBlank(...candidates: (() => string | undefined)[]): string | undefined {
  for (const candidate of candidates) {
    const value = candidate()?.trim();
    if (value) return value;
  }
  return undefined;
}

/** `@acme/orders` becomes `acme/orders`, because `@` separates service and host. */
function withoutScopeSign(name: string | undefined): string | undefined {
  return name?.replace(/^@/, '');
}

function nearestPackageName(directory: string): string | undefined {
  const file = join(directory, 'package.json');
  const name = packageName(file);
  const parent = dirname(directory);
  return name || parent === directory ? name : nearestPackageName(parent);
}

function packageName(file: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown };
    return typeof name === 'string' ? name.trim() : undefined;
  } catch {
    return undefined; // missing, unreadable or not JSON: the search continues in the parent folder
  }
}
