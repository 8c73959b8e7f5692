import type { ClusterNode, RedisOptions } from 'ioredis';
import { readClientArguments } from '../../options/client-arguments.js';

/** What is enforced, and what a node given with options of its own would replace. */
const ENFORCED = ['connectionName', 'Connector', 'keepAlive', 'connectTimeout'] as const;

/** A node may be given with all options of a client, as an object or in a URL: they win over `redisOptions`. */
function ownOptions(node: ClusterNode): RedisOptions {
  if (typeof node === 'object') return { ...node } as RedisOptions;
  return typeof node === 'string' && node.includes('?') ? readClientArguments(undefined, [node]) : {};
}

/** The nodes to begin with, enforced where they bring options that would replace ours. */
export function enforceStartupNodes(
  nodes: ClusterNode[],
  enforce: (own: RedisOptions) => RedisOptions,
): ClusterNode[] {
  if (!Array.isArray(nodes)) return nodes; // ioredis will say what it thinks of it
  return nodes.map((node) => {
    const own = ownOptions(node);
    if (!ENFORCED.some((key) => own[key] != null)) return node;
    const enforced = enforce(own);
    return { ...own, ...Object.fromEntries(ENFORCED.map((key) => [key, enforced[key]])) };
  });
}
