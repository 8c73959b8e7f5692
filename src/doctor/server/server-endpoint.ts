import { HygieneError } from '../../core/errors.js';
import { redact, REDACTED } from '../../core/redact.js';

/** A user name and a password for AUTH. */
interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

/** How to connect to a server. */
export interface ServerAccess extends Credentials {
  readonly tls: boolean;
}

/** Address of a server, and how to connect to it. */
export interface ServerEndpoint extends ServerAccess {
  /** Host and port, or the path of a unix socket. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
}

/** An endpoint as text without a password: `host:port`, `[ipv6]:port`, or the path of the socket. */
export function endpointLabel({ address }: ServerEndpoint): string {
  if ('path' in address) return address.path;
  const { host, port } = address;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const REDIS_PORT = 6379;

const SCHEMES = ['redis:', 'rediss:', 'valkey:', 'valkeys:', 'unix:'];

/**
 * Parses the address of a server: a URL (`redis://`, `rediss://`, `valkey://`, `unix://`), `host:port`, `host`,
 * `[ipv6]:port`, or the absolute path of a unix socket.
 *
 * @param defaultPort The port if the text has none. @default 6379
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function parseServerEndpoint(given: string, defaultPort = REDIS_PORT): ServerEndpoint {
  const text = given.trim();
  if (text === '') throw invalidAddressError(text, 'it is empty; unset REDIS_URL, or give it a value');
  if (/^["'`]/.test(text)) throw invalidAddressError(text, 'it is in quotes');
  if (/^(redis|valkey)s?:\/(?!\/)/i.test(text))
    throw invalidAddressError(text, 'expected two slashes after its scheme');
  if (text.startsWith('/')) return { address: { path: text }, tls: false };
  const isUrl = text.includes('://') || /^unix:\//i.test(text); // unix:/path is the same URL as unix:///path
  return parseUrl(isUrl ? text : `redis://${text}`, defaultPort);
}

function parseUrl(text: string, defaultPort: number): ServerEndpoint {
  const { zone, urlText } = takeZone(addUnixHost(text));
  if (!URL.canParse(urlText)) {
    throw invalidAddressError(text, 'expected host[:port], or a URL such as redis://host:6379');
  }
  const url = new URL(urlText);
  if (!SCHEMES.includes(url.protocol))
    throw invalidAddressError(text, `expected ${SCHEMES.map((scheme) => `${scheme}//`).join(', ')}`);
  const credentials = parseCredentials(text, url);
  if (url.protocol === 'unix:') {
    return { address: { path: decodePart(text, url.pathname) }, tls: false, ...credentials };
  }
  if (hasPasswordRemainder(url)) {
    throw invalidAddressError(text, 'a / ? or # in the password has to be written %2F %3F or %23');
  }
  const address = {
    host: `${url.hostname.replace(/^\[|\]$/g, '')}${zone}` || '127.0.0.1',
    port: url.port === '' ? defaultPort : Number(url.port),
  };
  return { address, tls: ['rediss:', 'valkeys:'].includes(url.protocol), ...credentials };
}

/** The zone of an IPv6 address, `%eth0` or as RFC 6874 writes it `%25eth0`, which the URL standard does not allow. */
const ZONE = /(\[[\da-f:.]+)%(?:25)?([\w.~-]+)(?=\])/i;

function takeZone(text: string): { readonly zone: string; readonly urlText: string } {
  const [, , zone] = ZONE.exec(text) ?? [];
  return { zone: zone === undefined ? '' : `%${zone}`, urlText: text.replace(ZONE, '$1') };
}

/** Adds a host to `unix://user:password@/path`. Other clients accept this form, but without a host it is not a valid URL. */
function addUnixHost(text: string): string {
  return text.replace(/^(unix:\/\/[^/]*@)\//i, '$1localhost/');
}

function parseCredentials(text: string, url: URL): Credentials {
  return {
    ...(url.username && { username: decodePart(text, url.username) }),
    ...(url.password && { password: decodePart(text, url.password) }),
  };
}

function decodePart(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalidAddressError(
      text,
      'a percent sign in the user name, the password or the path has to be written %25',
    );
  }
}

/** Whether the path contains the rest of a password: a `/`, `?` or `#` in a password ends the host part of a URL. */
function hasPasswordRemainder({ pathname, search, hash }: URL): boolean {
  return `${pathname}${search}${hash}`.includes('@');
}

/** Credentials in a `unix://` URL, which `redact` does not see: it takes them for a part of the path. */
const UNIX_CREDENTIALS = /^(unix:\/\/).*@/is;

function invalidAddressError(text: string, why: string): HygieneError {
  const redacted = redact(text.replace(UNIX_CREDENTIALS, `$1${REDACTED}@`));
  return new HygieneError('HYG_CLI_USAGE', `"${redacted}" is not the address of a server: ${why}.`);
}
