import { basename, parse } from 'node:path';
import { detectIdentity, type Identity, processSources } from '../identity/detect-identity.js';
import {
  formatConnectionName,
  heartbeatRoles,
  LIBRARY_NAME,
  parseConnectionName,
} from '../identity/connection-name.js';
import { askingLibrary } from './library.js';

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
