import type { Origin } from '../origin/origin.js';
import { nest } from './nest.js';
import { queues } from './queues.js';
import { stores } from './stores.js';
import type { Taker } from './taker.js';

/** All libraries that open connections of their own when they are given none. */
export const takers: readonly Taker[] = [...queues, ...nest, ...stores];

/** What a library does with its connection, if an origin is an export of one that opens its own. */
export function takersOf({ module, path }: Origin, how: Taker['how']): readonly Taker[] {
  const name = (path[0] === 'default' ? path.slice(1) : path).join('.');
  return takers.filter(
    (taker) => taker.how === how && taker.modules.includes(module) && taker.exports.test(name),
  );
}
