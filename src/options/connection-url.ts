import type { RedisOptions } from 'ioredis';
import { HygieneError } from '../core/errors.js';

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const KNOWN_SCHEMES = ['redis', 'rediss', 'valkey', 'valkeys', 'unix'];

/** A scheme with one slash: ioredis takes the scheme for the host, and the host for the path of a socket. */
const SINGLE_SLASH = /^[a-z][a-z0-9+.-]*:\/(?!\/)/i;

/**
 * Parses a connection string as `new Redis(string)` does: a URL, `host:port`, a port, or the path of a unix
 * socket. `unix://`, `valkey://` and `valkeys://` are supported too. What ioredis would misread is refused.
 *
 * @throws HygieneError `HYG_URL_SCHEME`, `HYG_URL_INVALID`
 */
export function parseConnectionString(given: string): RedisOptions {
  const text = given.trim();
  if (/^["'`]/.test(text)) throw new HygieneError('HYG_URL_INVALID', 'The connection URL is in quotes.');
  if (SINGLE_SLASH.test(text)) {
    throw new HygieneError(
      'HYG_URL_INVALID',
      'The connection URL has one slash after its scheme, expected two.',
    );
  }
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && !KNOWN_SCHEMES.includes(scheme)) {
    throw new HygieneError(
      'HYG_URL_SCHEME',
      `The connection URL begins with "${scheme}://", expected redis://.`,
      {
        details: { scheme },
      },
    );
  }
  if (isPort(text)) return { port: parseDecimalPort(text) };
  if (scheme === 'unix') return parseUnixUrl(text);
  if (text.startsWith('/') && !text.startsWith('//')) return parseSocketPath(text);
  return parseNetworkAddress(text, scheme);
}

/**
 * Checks that a connection string is not empty, as an unset variable often is. ioredis dials localhost:6379 then.
 *
 * @throws HygieneError `HYG_URL_INVALID`
 */
export function checkNotEmpty(argument: unknown): void {
  if (typeof argument !== 'string' || argument.trim() !== '') return;
  throw new HygieneError('HYG_URL_INVALID', 'The connection URL is empty.');
}

/** Whether a connection string is a port and nothing else. */
export function isPort(text: string): boolean {
  return text.trim() !== '' && Number.isInteger(Number(text));
}

/** Whether a connection string asks for TLS. */
export function impliesTls(text: unknown): boolean {
  return typeof text === 'string' && /^\s*(rediss|valkeys):\/\//i.test(text);
}

/** Accepts decimal digits only. ioredis reads just the leading digits: it dials port 0 for `0x10`, and 1 for `1e3`. */
function parseDecimalPort(text: string): number {
  const port = Number(text);
  if (Number.parseInt(text, 10) === port) return port;
  throw new HygieneError('HYG_URL_INVALID', 'The port is not a decimal number, such as 6379.');
}

/** Parses `unix://[user[:password]@]/path`, the form that other clients use. */
function parseUnixUrl(text: string): RedisOptions {
  const [, userinfo, path] = /^unix:\/\/(?:([^/]*)@)?(\/.*)$/is.exec(text) ?? [];
  if (path === undefined) throw new HygieneError('HYG_URL_INVALID', 'The unix:// URL has no absolute path.');
  const credentials = userinfo === undefined ? {} : credentialsOf(parseUrl(`redis://${userinfo}@localhost`));
  return { ...parseSocketPath(path), ...credentials };
}

function parseSocketPath(path: string): RedisOptions {
  const [, file = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(path) ?? [];
  return { ...queryOptionsOf(new URLSearchParams(query)), path: file };
}

function parseNetworkAddress(text: string, scheme: string | undefined): RedisOptions {
  const isSchemeRelative = text.startsWith('//');
  const url = parseUrl(scheme ? text : isSchemeRelative ? `redis:${text}` : `redis://${text}`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    ...queryOptionsOf(url.searchParams),
    ...credentialsOf(url),
    ...pathOptionsOf(url, scheme !== undefined || isSchemeRelative ? 'url' : 'path'),
    ...(host ? { host } : {}),
    ...(url.port ? { port: Number(url.port) } : {}),
  };
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    // The error of `new URL` is dropped: its `input` contains the text, password included.
    throw new HygieneError('HYG_URL_INVALID', 'The connection URL cannot be parsed.');
  }
}

function credentialsOf(url: URL): RedisOptions {
  if (!url.username && !url.password) return {};
  try {
    return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch {
    throw new HygieneError(
      'HYG_URL_INVALID',
      'The user name or password of the connection URL is not percent-encoded.',
    );
  }
}

/** The path of `redis://host/3` is a database. Without a scheme, `host/dir/sock` is the path of a socket. */
function pathOptionsOf(url: URL, form: 'url' | 'path'): Record<string, unknown> {
  const path = url.pathname;
  if (path === '' || path === '/') return {};
  return form === 'url' ? { db: path.slice(1).replace(/\/+$/, '') } : { path };
}

function queryOptionsOf(query: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    [...query].map(([key, value]) => [key, key === 'family' ? parseFamily(value) : value]),
  );
}

/** ioredis accepts a `family` only as a number, and query values are texts. */
function parseFamily(text: string): string | number {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? text : number;
}
