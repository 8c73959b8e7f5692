/** Which of the four remedies gave the server. */
export type RedisSource = 'environment' | 'docker' | 'path' | 'package';

/** A server of this major version, whatever else there is. */
export type ServerName = 'redis-8' | 'valkey-8';

export interface StartOptions {
  /** Only this one: from the PATH, or from the packages of Debian 13. @default the first server that is found */
  readonly server?: ServerName;
  /** Arguments of `redis-server`, for instance `['--maxclients', '20']`. */
  readonly args?: readonly string[];
  /** Password of the default user; it becomes part of `url`. */
  readonly password?: string;
  /**
   * Working directory of the server, kept after the stop. In a container it is mounted at `/data`.
   * @default a temporary directory, removed by `stop()`
   */
  readonly dir?: string;
  /** Hears in one line each what is tried and why it was given up. */
  onStep?(line: string): void;
}

/** A Redis server that answers PING. Whoever started it stops it. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly source: RedisSource;
  /** From `INFO server` (Valkey's own number on Valkey), `unknown` where the server refuses to tell. */
  readonly version: string;
  /** Makes the server silent while its sockets stay open. @throws Error when the server is shared */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Resolves when the server is gone. May be called again, and while the server is paused. */
  stop(): Promise<void>;
}

/** The URL of a server; the default user needs no name. */
export function redisUrl(host: string, port: number, password: string | undefined): string {
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return `redis://${credentials}${host}:${port}`;
}
