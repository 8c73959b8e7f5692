import type { TSESTree } from '@typescript-eslint/utils';
import { DROP_IN_MODULE } from './client-libraries.js';
import type { SourceContext } from './data-flow/origin.js';
import { ancestorsOf, type FunctionNode, isFunction } from './data-flow/syntax-nodes.js';
import { packageName } from './define-rule.js';
import { functionNameOf } from './execution-context/named-functions.js';

/** Adapters, which shut the factory down when their framework stops. */
const ADAPTER = /^redis-hygiene\/(?:express|fastify|nestjs|bullmq)$/;

/** Bootstrap modules of the project, as `redis-hygiene init` writes them. */
const BOOTSTRAP = /^(?:\.{1,2}\/|[@~]\/|#|src\/)(?:.*\/)?redis-hygiene[^/]*$/;

/** Whether a module shuts the factory down once it is imported. */
export function isShutdownModule(module: string): boolean {
  return ADAPTER.test(module) || BOOTSTRAP.test(module);
}

/** Names of functions, methods and events that have to do with stopping. */
const STOPPING_NAME =
  /shut|clos|stop|exit|grace|clean|terminat|dispos|destroy|teardown|hook|signal|^SIG[A-Z]/i;

/** Methods that close one client, subscriber or pool. */
const CLOSING_METHOD = /^(?:quit|disconnect|close|destroy)$/;

/**
 * Whether a call shuts connections down: `redis.shutdown()`, `closeOnExit(redis)`, or `client.quit()` in code that runs when
 * something stops.
 */
export function isShutdownCall(call: TSESTree.CallExpression, context: SourceContext): boolean {
  const { callee, arguments: args } = call;
  const name = calleeNameOf(callee, context);
  if (callee.type === 'MemberExpression' && name === 'shutdown') return true;
  const origins = context.originsOf(callee);
  if (origins.some(({ module, path }) => isOurs(module) && path.at(-1) === 'installShutdownHooks'))
    return true;
  if (origins.some(({ module }) => isShutdownModule(module))) return true;
  const isFromUs = (node: TSESTree.Node) => context.originsOf(node).some(({ module }) => isOurs(module));
  if (STOPPING_NAME.test(name) && args.some(isFromUs)) return true;
  return CLOSING_METHOD.test(name) && isFromUs(callee) && isInStoppingCode(call, context);
}

function calleeNameOf(callee: TSESTree.Node, { keyOf }: SourceContext): string {
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' ? (keyOf(callee) ?? '') : '';
}

function isOurs(module: string): boolean {
  return module === packageName || module === DROP_IN_MODULE;
}

/** Whether code runs when something stops: in a method such as `onModuleDestroy()`, or a callback of `onStop()`. */
function isInStoppingCode(node: TSESTree.Node, context: SourceContext): boolean {
  return [...ancestorsOf(node)].some((above) => isFunction(above) && isStoppingFunction(above, context));
}

function isStoppingFunction(fn: FunctionNode, context: SourceContext): boolean {
  if (STOPPING_NAME.test(functionNameOf(fn, context) ?? '')) return true;
  const call = fn.parent;
  if (call.type !== 'CallExpression' || call.callee === fn) return false;
  const [first] = call.arguments;
  const event = first && first !== fn ? context.textOf(first) : undefined;
  return STOPPING_NAME.test(calleeNameOf(call.callee, context)) || STOPPING_NAME.test(event ?? '');
}
