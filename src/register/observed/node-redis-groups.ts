import type { NodeRedisGroup, NodeRedisGroupClass, NodeRedisTopology } from '../detect-clients.js';
import { addOwner, type ClientGroup, markOptions, type ClientOrigin } from './node-redis-origin.js';
import { captureClientCallSite } from './observed-connection.js';
import { tryOrWarn } from '../warnings.js';

const TASK = 'observe a pool, Cluster or Sentinel of node-redis';

/** Names and observes what a pool, Cluster or Sentinel opens, by the options that it hands on to its clients. */
export function observeNodeRedisGroup(Class: NodeRedisGroupClass, topology: NodeRedisTopology): void {
  const { create, prototype } = Class;
  const { duplicate } = prototype;
  const groups = new WeakMap<NodeRedisGroup, ClientGroup>();

  function join(group: ClientGroup, owner: NodeRedisGroup): void {
    addOwner(group, owner);
    groups.set(owner._self ?? owner, group);
  }

  Class.create = function (options, ...rest) {
    const group: ClientGroup = { owners: new Set(), counted: undefined, isClosing: false };
    const given = tryOrWarn(TASK, () => markGroup(topology, options, group));
    const owner = create.call(this, given ?? options, ...rest);
    if (given) tryOrWarn(TASK, () => join(group, owner));
    return owner;
  };
  if (!duplicate) return; // a pool
  prototype.duplicate = function (...args) {
    const owner = duplicate.apply(this, args);
    // A duplicate hands on the options of its original, so that it is closed with it.
    const group = groups.get(this._self ?? this);
    if (group) tryOrWarn(TASK, () => join(group, owner));
    return owner;
  };
}

/** The options that a group hands on to its clients. A pool hands on all of its options. */
const HANDED_ON: Readonly<Record<Exclude<NodeRedisTopology, 'pool'>, readonly string[]>> = {
  cluster: ['defaults'],
  sentinel: ['nodeClientOptions', 'sentinelClientOptions'],
};

function markGroup(topology: NodeRedisTopology, options: object | undefined, group: ClientGroup): object {
  const origin: ClientOrigin = { callSite: captureClientCallSite(), group };
  if (topology === 'pool') return markOptions(options, origin);
  const given = options as Readonly<Record<string, object | undefined>> | undefined;
  const marked = HANDED_ON[topology].map((key) => [key, markOptions(given?.[key], origin)] as const);
  return { ...given, ...Object.fromEntries(marked) };
}
