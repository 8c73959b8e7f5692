import type { ClusterNode } from 'ioredis';
import { wrongType } from './check.js';

/**
 * The nodes that a Cluster begins with. Of an empty list ioredis says nothing: it looks for nodes for ever.
 *
 * @throws HygieneError `HYG_OPTION_TYPE`
 */
export function checkNodes(nodes: ClusterNode[]): ClusterNode[] {
  if (Array.isArray(nodes) && nodes.length > 0) return nodes;
  throw wrongType('nodes', nodes, 'an array of at least one node, such as { host: "10.0.0.1", port: 6379 }');
}
