import type { Attribution } from './attribution.js';

/** How connections of one client library are recognised. */
interface LibraryTraits {
  /** The name of the library, as its authors write it. */
  readonly title: string;
  /** `lib-name` of `CLIENT LIST`, without a tag in brackets. Absent for a library that does not send CLIENT SETINFO. */
  readonly libNames?: readonly string[];
  /** Connection names that the library gives by itself. */
  readonly connectionName?: RegExp;
  /** Programs and images in which the library is at home. */
  readonly program: RegExp;
}

const JAVA = /\b(java|openjdk|jdk|jre|temurin|corretto|tomcat|spring)\b/i;
const NODE = /\b(node|nodejs|bun|deno)\b/i;

/**
 * Client libraries whose options the doctor knows. `lib-name` arrives with Redis 7.2, and a program runs any library of its
 * language, so a program can have several candidates.
 *
 * @see https://redis.io/docs/latest/commands/client-setinfo/
 */
export const clientLibraries = {
  'redis-py': {
    title: 'redis-py',
    libNames: ['redis-py'],
    connectionName: /^celery(@|$)/,
    program: /\b(python[\d.]*|pypy[\d.]*|celery|gunicorn|uvicorn|uwsgi|django|flask)\b/i,
  },
  jedis: { title: 'Jedis', libNames: ['jedis'], program: JAVA },
  lettuce: { title: 'Lettuce', libNames: ['lettuce'], program: JAVA },
  redisson: { title: 'Redisson', program: JAVA },
  'go-redis': { title: 'go-redis', libNames: ['go-redis'], program: /\bgolang\b/i },
  'stackexchange.redis': {
    title: 'StackExchange.Redis',
    libNames: ['se.redis', 'nredisstack'],
    connectionName: /\(SE\.Redis-v[\d.]+\S*\)$/,
    program: /\b(dotnet|aspnet)\b/i,
  },
  'node-redis': { title: 'node-redis', libNames: ['node-redis'], program: NODE },
  ioredis: {
    title: 'ioredis',
    libNames: ['ioredis'],
    connectionName: /^bull:/,
    program: NODE,
  },
  phpredis: { title: 'phpredis', libNames: ['phpredis'], program: /\bphp([\d.]+)?(-fpm[\d.]*|-cli)?\b/i },
  sidekiq: { title: 'Sidekiq', connectionName: /^sidekiq/i, program: /\bsidekiq\b/i },
} as const satisfies Record<string, LibraryTraits>;

/** Key of a client library, as `--library` takes it. */
export type ClientLibrary = keyof typeof clientLibraries;

/** All client libraries, in the order of the table. */
export const clientLibraryNames = Object.keys(clientLibraries) as readonly ClientLibrary[];

/** Time in which a client has connected, and has sent its ready check. Servers report whole seconds. */
const MAX_HANDSHAKE_SECONDS = 2;

/** The fields of a connection that tell its library. */
export interface LibraryEvidence {
  readonly name: string;
  readonly cmd: string;
  readonly libName: string;
  /** Seconds since the connection was opened. */
  readonly age: number;
  /** Seconds since its last command. */
  readonly idle: number;
}

/**
 * The client library of connections, as their `lib-name` says, else their names, else the last command, else the program.
 *
 * @returns one library if it is known, several if any of them may be it, none if nothing is known
 */
export function librariesOf(
  rows: readonly LibraryEvidence[],
  attribution: Attribution | undefined,
): readonly ClientLibrary[] {
  const [first] = rows;
  if (!first) return [];
  if (/\bsidekiq_v/.test(first.libName)) return ['sidekiq'];
  const reported = librariesThat(({ libNames }) => libNames?.includes(reportedName(first)) === true);
  if (reported.length > 0 || first.libName !== '') return reported;
  const named = clientLibraryNames.filter((library) => isNamedAfter(first.name, library));
  if (named.length > 0) return named;
  if (rows.every(isFreshIoredis)) return ['ioredis'];
  const program = programText(attribution);
  return librariesThat((traits) => traits.program.test(program)).filter(isMostSpecific);
}

function librariesThat(matches: (traits: LibraryTraits) => boolean): readonly ClientLibrary[] {
  return clientLibraryNames.filter((name) => matches(clientLibraries[name]));
}

/** A tag may follow in brackets: `go-redis(,go1.22.1)`. */
function reportedName({ libName }: LibraryEvidence): string {
  return libName.replace(/\(.*$/s, '').toLowerCase();
}

/** Whether the library gives such a name by itself, or the name contains that of the library as a word. */
function isNamedAfter(name: string, library: ClientLibrary): boolean {
  const { connectionName }: LibraryTraits = clientLibraries[library];
  if (connectionName?.test(name) === true) return true;
  return new RegExp(`(?<![a-z])${library.replace('.', '\\.')}(?![a-z])`, 'i').test(name);
}

/**
 * ioredis sends INFO when it has connected (its ready check), after it has set the name. A client whose last command this is
 * was never used. A monitor sends INFO again and again, so that it is idle for a shorter time than it is old.
 */
function isFreshIoredis({ cmd, age, idle }: LibraryEvidence): boolean {
  return cmd === 'info' && age - idle <= MAX_HANDSHAKE_SECONDS;
}

/** The program of a process, or the image of a container. Other attributions name no program. */
function programText(attribution: Attribution | undefined): string {
  if (attribution?.source === 'process') return attribution.owner;
  return attribution?.source === 'container' ? (attribution.note ?? '') : '';
}

/** Sidekiq is a program of its own, whatever else its process title or image contains. */
function isMostSpecific(name: ClientLibrary, _: number, all: readonly ClientLibrary[]): boolean {
  return name === 'sidekiq' || !all.includes('sidekiq');
}
