import { HygieneError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';

/** How servers are spoken to: what redis-cli has as options, for all of them alike. */
export interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

/** Where a server is, and how it is spoken to. */
export interface Address extends Credentials {
  /** Host and port, or the path of a unix socket. */
  readonly place: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly tls: boolean;
}

const REDIS_PORT = 6379;

const SCHEMES = ['redis:', 'rediss:', 'valkey:', 'valkeys:', 'unix:'];

/** Without a password: `host:port`, `[ipv6]:port`, or the path. */
export function labelOf({ place }: Address): string {
  if ('path' in place) return place.path;
  return place.host.includes(':') ? `[${place.host}]:${place.port}` : `${place.host}:${place.port}`;
}

function invalid(text: string, why: string): HygieneError {
  const shown = redact(text);
  return new HygieneError('HYG_CLI_USAGE', `"${shown}" is no address of a server: ${why}.`);
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(text, 'a percent sign in the user name or password has to be written %25');
  }
}

function credentialsOf(text: string, url: URL): Credentials {
  return {
    ...(url.username && { username: decoded(text, url.username) }),
    ...(url.password && { password: decoded(text, url.password) }),
  };
}

function parseUrl(text: string): Address {
  if (!URL.canParse(text)) throw invalid(text, 'expected redis://[user[:password]@]host[:port]');
  const url = new URL(text);
  if (!SCHEMES.includes(url.protocol)) throw invalid(text, `expected one of ${SCHEMES.join(' ')}`);
  const credentials = credentialsOf(text, url);
  const path = decodeURIComponent(url.pathname);
  if (url.protocol === 'unix:') return { place: { path }, tls: false, ...credentials };
  const place = {
    host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: url.port === '' ? REDIS_PORT : Number(url.port),
  };
  return { place, tls: ['rediss:', 'valkeys:'].includes(url.protocol), ...credentials };
}

/**
 * Reads the address of a server: a URL (`redis://`, `rediss://`, `valkey://`, `unix://`), `host:port`, `host`,
 * `[ipv6]:port`, or the absolute path of a unix socket.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function parseAddress(text: string): Address {
  if (text.startsWith('/')) return { place: { path: text }, tls: false };
  return parseUrl(text.includes('://') ? text : `redis://${text}`);
}
