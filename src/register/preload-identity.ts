import { basename, parse } from 'node:path';
import {
  formatConnectionName,
  heartbeatRoles,
  LIBRARY_NAME_PREFIX,
  parseConnectionName,
  withoutHeartbeatRole,
} from '../identity/connection-name.js';
import { detectIdentity, type Identity, readProcessSources } from '../identity/detect-identity.js';
import { captureCallingFrames } from '../ledger/call-site.js';

let identity: Identity | undefined;

/** Identity of this process, detected with the first client. Without any service name, the script's name is used. */
export function detectProcessIdentity(): Identity {
  const sources = readProcessSources();
  const fallback = { ...sources, env: { ...sources.env, REDIS_HYGIENE_SERVICE: scriptName() } };
  identity ??= tryDetectIdentity(sources) ?? detectIdentity(fallback);
  return identity;
}

function scriptName(): string {
  const script = process.argv[1];
  return script ? parse(basename(script)).name : 'node';
}

function tryDetectIdentity(sources: ReturnType<typeof readProcessSources>): Identity | undefined {
  try {
    return detectIdentity(sources);
  } catch {
    return undefined; // HYG_SERVICE_MISSING: no service name was found
  }
}

/**
 * Name of a connection that is named but not enforced. Its role is the caller's own name, else the library that opens it,
 * else the client package. A role that implies a heartbeat is replaced, because there is no heartbeat: by the client package or, in a
 * name that has our format already, by `library`.
 *
 * @param own The name in the caller's options.
 * @param client The client package, such as `node-redis`.
 */
export function connectionNameFor(own: unknown, client: string): string {
  const given = typeof own === 'string' && own !== '' ? own : undefined;
  if (given !== undefined && LIBRARY_NAME_PREFIX.test(given)) return given;
  if (given !== undefined && parseConnectionName(given)) return withoutHeartbeatRole(given);
  const role = given ?? findCallingLibrary() ?? client;
  return formatConnectionName({ ...detectProcessIdentity(), role: heartbeatRoles.has(role) ? client : role });
}

/** Matches the package of a stack frame. Packages nest, so the last `node_modules` folder counts. */
const PACKAGE_OF_FRAME = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** Packages between a client and the code that opens it: the clients themselves, and tracing libraries. */
const INTERMEDIATE_PACKAGE =
  /^(ioredis|iovalkey|redis\d*|@redis\/.*|@valkey\/.*|dd-trace|newrelic|elastic-apm-node|@opentelemetry\/.*|@sentry\/.*|(import|require)-in-the-middle)$/;

/** Number of stack frames that are searched for the calling library. */
const MAX_FRAMES = 6;

/**
 * Finds the library that opens a client now, such as `bullmq` or `nestjs/microservices`. Undefined if the application
 * itself does, even if the application is installed under node_modules.
 */
export function findCallingLibrary(script = process.argv[1]): string | undefined {
  const ownPackage = script && packageOfFrame(script);
  const packages = captureCallingFrames(MAX_FRAMES).map(packageOfFrame);
  const caller = packages.find((name) => name === undefined || !INTERMEDIATE_PACKAGE.test(name));
  return caller === ownPackage ? undefined : caller?.replace(/^@/, '');
}

function packageOfFrame(frame: string): string | undefined {
  return PACKAGE_OF_FRAME.exec(frame)?.[1]?.replace('\\', '/');
}
