import type { RedisOptions } from 'ioredis';
import { HygieneError } from '../core/errors.js';

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
const KNOWN_SCHEMES = ['redis', 'rediss', 'unix'];

function family(text: string): string | number {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? text : number;
}

/** Query values arrive as text. ioredis reads a `family` only as a number. */
function queryOptions(query: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    [...query].map(([key, value]) => [key, key === 'family' ? family(value) : value]),
  );
}

function socketOptions(path: string): RedisOptions {
  const [, file = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(path) ?? [];
  return { ...queryOptions(new URLSearchParams(query)), path: file };
}

/** `unix://[user[:password]@]/path`, as other clients write it. */
function unixOptions(text: string): RedisOptions {
  const [, userinfo, path] = /^unix:\/\/(?:([^/]*)@)?(\/.*)$/is.exec(text) ?? [];
  if (path === undefined) throw new HygieneError('HYG_URL_INVALID', 'The unix:// URL has no absolute path.');
  const authority = userinfo === undefined ? {} : credentials(parse(`redis://${userinfo}@localhost`));
  return { ...socketOptions(path), ...authority };
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    // Node's own error would carry the text, password included, in its `input`.
    throw new HygieneError('HYG_URL_INVALID', 'The connection URL cannot be parsed.');
  }
}

function credentials(url: URL): RedisOptions {
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

/** The path of `redis://host/3` is a database; without a scheme, `host/dir/sock` is a socket's path. */
function pathOptions(url: URL, hasScheme: boolean): Record<string, unknown> {
  const path = url.pathname;
  if (path === '' || path === '/') return {};
  return hasScheme ? { db: path.slice(1).replace(/\/+$/, '') } : { path };
}

function networkOptions(text: string, scheme: string | undefined): RedisOptions {
  const relative = text.startsWith('//');
  const url = parse(scheme ? text : relative ? `redis:${text}` : `redis://${text}`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    ...queryOptions(url.searchParams),
    ...credentials(url),
    ...pathOptions(url, scheme !== undefined || relative),
    ...(host ? { host } : {}),
    ...(url.port ? { port: Number(url.port) } : {}),
  };
}

/** Whether a connection string is a port and nothing else. */
export function isPort(text: string): boolean {
  return text.trim() !== '' && Number.isInteger(Number(text));
}

/** ioredis reads the digits at the beginning: it dials port 0 for `0x10`, and 1 for `1e3`. Nobody means these. */
function decimalPort(text: string): number {
  const port = Number(text);
  if (Number.parseInt(text, 10) === port) return port;
  throw new HygieneError('HYG_URL_INVALID', 'The port is not written as a decimal number, such as 6379.');
}

/** Whether a connection string asks for TLS. */
export function impliesTls(text: unknown): boolean {
  return typeof text === 'string' && /^rediss:\/\//i.test(text);
}

/**
 * Reads a connection string as `new Redis(string)` does: a URL, `host:port`, a port, or the path of a unix
 * socket. `unix://` is understood too; schemes that ioredis would take for something else are refused.
 *
 * @throws HygieneError `HYG_URL_SCHEME`, `HYG_URL_INVALID`
 */
export function parseConnectionString(text: string): RedisOptions {
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
  if (isPort(text)) return { port: decimalPort(text) };
  if (scheme === 'unix') return unixOptions(text);
  if (text.startsWith('/') && !text.startsWith('//')) return socketOptions(text);
  return networkOptions(text, scheme);
}
