import { HygieneError } from '../../core/errors.js';
import { redact, REDACTED } from '../../core/redact.js';

/** How servers are spoken to: what redis-cli has as options, for all of them alike. */
interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

/** Where a server is, and how it is spoken to. */
export interface ServerEndpoint extends Credentials {
  /** Host and port, or the path of a unix socket. */
  readonly place: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly tls: boolean;
}

const REDIS_PORT = 6379;

const SCHEMES = ['redis:', 'rediss:', 'valkey:', 'valkeys:', 'unix:'];

/** Without a password: `host:port`, `[ipv6]:port`, or the path. */
export function labelOf({ place }: ServerEndpoint): string {
  if ('path' in place) return place.path;
  return place.host.includes(':') ? `[${place.host}]:${place.port}` : `${place.host}:${place.port}`;
}

/** `redact` takes what stands before an `@` in `unix://` for a part of the path. */
const UNIX_CREDENTIALS = /^(unix:\/\/).*@/is;

function invalid(text: string, why: string): HygieneError {
  const shown = redact(text.replace(UNIX_CREDENTIALS, `$1${REDACTED}@`));
  return new HygieneError('HYG_CLI_USAGE', `"${shown}" is no address of a server: ${why}.`);
}

function decoded(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(text, 'a percent sign in the user name, the password or the path has to be written %25');
  }
}

function credentialsOf(text: string, url: URL): Credentials {
  return {
    ...(url.username && { username: decoded(text, url.username) }),
    ...(url.password && { password: decoded(text, url.password) }),
  };
}

/** `unix://user:password@/path`, as other clients write it, has no host, and is no URL without one. */
function readable(text: string): string {
  return text.replace(/^(unix:\/\/[^/]*@)\//i, '$1localhost/');
}

/** What comes after host and port, where a `/`, `?` or `#` in a password puts the rest of it. */
function isCutShort({ pathname, search, hash }: URL): boolean {
  return `${pathname}${search}${hash}`.includes('@');
}

function parseUrl(text: string, defaultPort: number): ServerEndpoint {
  const written = readable(text);
  if (!URL.canParse(written)) throw invalid(text, 'expected host[:port], or a URL such as redis://host:6379');
  const url = new URL(written);
  if (!SCHEMES.includes(url.protocol)) throw invalid(text, `expected one of ${SCHEMES.join(' ')}`);
  const credentials = credentialsOf(text, url);
  if (url.protocol === 'unix:') {
    return { place: { path: decoded(text, url.pathname) }, tls: false, ...credentials };
  }
  if (isCutShort(url)) throw invalid(text, 'a / ? or # in the password has to be written %2F %3F or %23');
  const place = {
    host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: url.port === '' ? defaultPort : Number(url.port),
  };
  return { place, tls: ['rediss:', 'valkeys:'].includes(url.protocol), ...credentials };
}

/**
 * Reads the address of a server: a URL (`redis://`, `rediss://`, `valkey://`, `unix://`), `host:port`, `host`,
 * `[ipv6]:port`, or the absolute path of a unix socket. Where there is no port, it is `defaultPort`.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function parseServerEndpoint(text: string, defaultPort = REDIS_PORT): ServerEndpoint {
  if (text.startsWith('/')) return { place: { path: text }, tls: false };
  const isUrl = text.includes('://') || /^unix:\//i.test(text); // unix:/path is the same URL as unix:///path
  return parseUrl(isUrl ? text : `redis://${text}`, defaultPort);
}
