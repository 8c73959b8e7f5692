import type { Cluster, ClusterOptions } from 'ioredis';
import { lookup, resolveSrv } from 'node:dns';
import { HygieneError } from '../../core/errors.js';
import { redact } from '../../core/redact.js';
import { originalOf, reportOptionThrew, setOriginal } from '../ioredis/option-functions.js';
import { clusterInternals } from '../ioredis/internals.js';
import { copyOf } from '../ioredis/load-ioredis.js';

type OnFailure = (error: HygieneError) => void;

/** Resolves a name, as `dns.lookup` and `dns.resolveSrv` do. */
type Resolve = (name: string, done: (error: Error | null | undefined, found?: unknown) => void) => unknown;

/**
 * Returns the options with which a Cluster resolves its startup names. In ioredis one name that cannot be resolved makes all
 * startup nodes useless, without an event. Here each failure is reported, and a node whose name `dnsLookup` cannot resolve
 * stays in the list, so that the other nodes are used; dialling it resolves its name once more.
 */
export function guardLookups(
  given: ClusterOptions,
  onFailure: OnFailure,
): Pick<Required<ClusterOptions>, 'dnsLookup' | 'resolveSrv'> {
  const dnsLookup = guardLookup(given.dnsLookup ?? lookup, onFailure, (_error, done) => done(null));
  const srv = guardLookup(given.resolveSrv ?? resolveSrv, onFailure, (error, done) => done(error));
  return { dnsLookup, resolveSrv: srv } as Pick<Required<ClusterOptions>, 'dnsLookup' | 'resolveSrv'>;
}

/** Guards a lookup, which may also throw. A name is reported again only after it could be resolved. */
function guardLookup(
  given: Resolve,
  onFailure: OnFailure,
  fail: (error: Error, done: Parameters<Resolve>[1]) => void,
): Resolve {
  const resolve = originalOf(given);
  const unresolved = new Set<string>();
  function guarded(name: string, done: Parameters<Resolve>[1]): void {
    const onError = (error: Error) => {
      if (!unresolved.has(name)) onFailure(unresolvedError(name, error));
      unresolved.add(name);
      fail(error, done);
    };
    const onResult: Parameters<Resolve>[1] = (error, found) => {
      if (error) return onError(error);
      unresolved.delete(name);
      done(null, found);
    };
    try {
      resolve(name, onResult);
    } catch (error) {
      onError(error as Error);
    }
  }
  setOriginal(guarded, resolve);
  return guarded;
}

function unresolvedError(given: string, cause: Error): HygieneError {
  const name = redact(given);
  return new HygieneError(
    'HYG_CONNECT_FAILED',
    `The startup node "${name}" of a Cluster could not be resolved: ${cause.message}.`,
    { details: { startupNode: name, reason: (cause as NodeJS.ErrnoException).code ?? cause.name }, cause },
  );
}

/**
 * Dials a node at the address that it announces if `natMap` throws for it, and reports the exception. In ioredis it ends the
 * process, because `natMap` is called with the answer of a server.
 */
export function guardNatMap(cluster: Cluster, onFailure: OnFailure): void {
  const prototype = clusterInternals(copyOf(cluster).Cluster.prototype as Cluster);
  const value = (node: string | object) => {
    try {
      return prototype.natMapper.call(cluster, node);
    } catch (error) {
      reportOptionThrew('natMap', cluster.options.natMap ?? cluster, error, onFailure);
      return prototype.natMapper.call({ options: {} }, node);
    }
  };
  Object.defineProperty(cluster, 'natMapper', { value, configurable: true, writable: true });
}
