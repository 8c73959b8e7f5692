/** Source of a server. */
export type RedisSource = 'environment' | 'docker' | 'path' | 'package';

/** Name of a server with a fixed major version. */
export type ServerName = 'redis-8' | 'valkey-8';

export interface StartOptions {
  /** Server to use, from the PATH or from the packages of Debian 13. @default the first server that is found */
  readonly server?: ServerName;
  /**
   * Kind of server that is looked for first. The clients of a process have addresses of this machine; those of a container
   * may all have the address of a proxy. @default 'container'
   */
  readonly prefer?: 'container' | 'process';
  /**
   * Arguments of `redis-server`, for instance `['--maxclients', '20']`. A function is called for each attempt to start, so
   * that arguments with a port of their own (TLS) get another port when one is taken.
   */
  readonly args?: readonly string[] | (() => Promise<readonly string[]>);
  /** Password of the default user, which becomes part of `url`. */
  readonly password?: string;
  /**
   * Working directory of the server, which is kept after the stop. In a container it is mounted at `/data`.
   * @default a temporary directory, removed by `stop()`
   */
  readonly dir?: string;
  /** Called with one line for each source that is tried or not available. */
  onStep?(line: string): void;
}

/** Arguments of `redis-server` for one attempt to start it. */
export async function argumentsOf({ args = [] }: StartOptions): Promise<readonly string[]> {
  return typeof args === 'function' ? args() : args;
}

/** A Redis server that answers PING. The caller stops it. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly source: RedisSource;
  /** Version from `INFO server` (on Valkey its own version). `unknown` if the server refuses INFO. */
  readonly version: string;
  /** Stops the server from answering while its sockets stay open. @throws Error if the server is shared */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Resolves when the server has ended. May be called again, and while the server is paused. */
  stop(): Promise<void>;
}

/** URL of a server. The default user needs no name. */
export function redisUrl(host: string, port: number, password: string | undefined): string {
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return `redis://${credentials}${host}:${port}`;
}
