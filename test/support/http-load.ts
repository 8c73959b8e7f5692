import autocannon from 'autocannon';

/** What a load has seen. */
interface LoadResult {
  /** Answers with a status of 2xx. */
  readonly answered: number;
  readonly otherStatuses: number;
  /** Codes of the errors of requests, but for those of connections that a closed port has refused. */
  readonly failures: readonly string[];
}

/** A load of HTTP requests on few connections, each of which sends the next request when it has an answer. */
export interface HttpLoad {
  /** Number of answers so far. */
  answered(): number;
  stop(): Promise<LoadResult>;
}

export function startHttpLoad(url: string, connections = 10): HttpLoad {
  let answered = 0;
  const failures: string[] = [];
  let finish: (result: autocannon.Result) => void;
  const result = new Promise<autocannon.Result>((resolve) => (finish = resolve));
  const load = autocannon({ url, connections, duration: 60 }, (_error, seen) => finish(seen));
  load.on('response', () => answered++);
  load.on('reqError', (error: NodeJS.ErrnoException) => failures.push(error.code ?? error.message));

  return {
    answered: () => answered,
    async stop() {
      load.stop();
      const { '2xx': ok, non2xx } = await result;
      return {
        answered: ok,
        otherStatuses: non2xx,
        failures: failures.filter((code) => code !== 'ECONNREFUSED'),
      };
    },
  };
}
