import type { TSESTree } from '@typescript-eslint/utils';
import { PACKAGE } from '../connections.js';
import { DROP_IN } from '../libraries.js';
import type { Surroundings } from '../origin/origin.js';

/** Adapters stop the factory when their framework stops. */
const ADAPTER = /^redis-hygiene\/(?:express|fastify|nestjs|bullmq)$/;

/** A bootstrap of the project, as `redis-hygiene init` writes one. */
const BOOTSTRAP = /^(?:\.{1,2}\/|[@~]\/|#|src\/)(?:.*\/)?redis-hygiene[^/]*$/;

/** Functions that are handed what they are to stop. */
const STOPPER = /shut|clos|stop|exit|grace|clean|terminat|dispos|hook|signal/i;

/** Whether an import takes care of the shutdown. */
export function isStoppingModule(module: string): boolean {
  return ADAPTER.test(module) || BOOTSTRAP.test(module);
}

function isOurs(module: string): boolean {
  return module === PACKAGE || module === DROP_IN;
}

function nameOf(callee: TSESTree.Node, { keyOf }: Surroundings): string {
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' ? (keyOf(callee) ?? '') : '';
}

/** Whether a call stops a factory, or gives it to what will: `redis.shutdown()`, `closeOnExit(redis)`. */
export function isStop(call: TSESTree.CallExpression, surroundings: Surroundings): boolean {
  const { callee, arguments: args } = call;
  const name = nameOf(callee, surroundings);
  if (callee.type === 'MemberExpression' && name === 'shutdown') return true;
  const from = surroundings.originsOf(callee);
  if (from.some(({ module, path }) => isOurs(module) && path.at(-1) === 'installShutdownHooks')) return true;
  if (from.some(({ module }) => isStoppingModule(module))) return true;
  const isGiven = (node: TSESTree.Node) => surroundings.originsOf(node).some(({ module }) => isOurs(module));
  return STOPPER.test(name) && args.some(isGiven);
}
