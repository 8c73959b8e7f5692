import { basename, parse } from 'node:path';
import {
  formatConnectionName,
  heartbeatRoles,
  LIBRARY_NAME,
  parseConnectionName,
} from '../identity/connection-name.js';
import { detectIdentity, type Identity, processSources } from '../identity/detect-identity.js';
import { captureCallSite } from '../ledger/call-site.js';

/** A program that has no name anywhere is called after its script. */
function scriptName(): string {
  const script = process.argv[1];
  return script ? parse(basename(script)).name : 'node';
}

let identity: Identity | undefined;

/** Who this process is, found with the first client. */
export function processIdentity(): Identity {
  const sources = processSources();
  const fallback = { ...sources, env: { ...sources.env, REDIS_HYGIENE_SERVICE: scriptName() } };
  identity ??= tryDetect(sources) ?? detectIdentity(fallback);
  return identity;
}

function tryDetect(sources: ReturnType<typeof processSources>): Identity | undefined {
  try {
    return detectIdentity(sources);
  } catch {
    return undefined; // HYG_SERVICE_MISSING: there is no name
  }
}

/**
 * The name for a connection that is named and nothing more. Its own word becomes the role, else the library that asks for
 * it, else the client it is made with: never a role that stands for a heartbeat, which it does not get.
 */
export function nameFor(own: unknown, client: string): string {
  const given = typeof own === 'string' && own !== '' ? own : undefined;
  if (given !== undefined && (parseConnectionName(given) ?? LIBRARY_NAME.test(given))) return given;
  const role = given ?? askingLibrary() ?? client;
  return formatConnectionName({ ...processIdentity(), role: heartbeatRoles.has(role) ? client : role });
}

/** The package a stack frame lies in; the last folder of that name counts, as packages nest. */
const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** Packages that stand between a client and whoever asked for it: clients themselves, and what traces them. */
const IN_BETWEEN =
  /^(ioredis|iovalkey|redis|@redis\/.*|@valkey\/.*|dd-trace|newrelic|elastic-apm-node|@opentelemetry\/.*|@sentry\/.*|(import|require)-in-the-middle)$/;

/** So many frames are looked through for the one who asked. */
const FRAMES = 6;

function packageIn(frame: string): string | undefined {
  return PACKAGE.exec(frame)?.[1]?.replace('\\', '/');
}

/**
 * The library that asks for a client now, `bullmq` or `nestjs/microservices`. Nothing where the application itself does, and
 * that may be installed like a library.
 */
export function askingLibrary(script = process.argv[1]): string | undefined {
  const own = script && packageIn(script);
  const names = captureCallSite(FRAMES).map(packageIn);
  const asking = names.find((name) => name === undefined || !IN_BETWEEN.test(name));
  return asking === own ? undefined : asking?.replace(/^@/, '');
}
