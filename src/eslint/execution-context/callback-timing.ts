import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import type { CallNode, FunctionNode } from '../data-flow/syntax-nodes.js';

/** How often, and when, a callback runs. */
export type CallbackTiming =
  /** Once each time that the code around it runs: `then`, `new Promise()`, `listen`. */
  | 'inline'
  /** Once for the whole process: `once`, `memoize`, plugins of frameworks, a constructor. */
  | 'once'
  /** Once for each of many items or ticks: `map`, `forEach`, `setInterval`. */
  | 'perItem'
  /** For each request, job, message or event. */
  | 'perRequest'
  /** In a test or its hooks. */
  | 'inTest'
  | 'unknown';

const TEST_FUNCTION =
  /^(?:x|f)?(?:describe|context|suite|it|test|specify|bench)$|^(?:before|after)(?:All|Each)?$|^setup$|^teardown$/;

const RUNS_ONCE =
  /once|memo|lazy|singleton|plugin|^fp$|^as(?:Function|Class)$|^toDynamicValue$|^cached?$|^shared$|^register$/i;

const RUNS_INLINE =
  /^(?:then|catch|finally|set(?:Timeout|Immediate)|queueMicrotask|nextTick|listen|ready|whenReady|bootstrap|command|action)$/;

const RUNS_PER_ITEM =
  /^(?:map|forEach|flatMap|filter|reduce|reduceRight|some|every|times|mapValues|each|eachLimit|mapLimit|set(?:Interval))$/;

/** Functions whose callbacks are always handlers. */
const TAKES_HANDLER =
  /^(?:use|all|route|addHook|process|consume|handle|handler|schedule|cron|createServer|serve)$/;

/** Functions that take a handler after a path, an event or a channel. `cache.get(compute)` is none of these. */
const TAKES_HANDLER_AFTER_KEY =
  /^(?:get|post|put|patch|delete|del|head|options|on|addListener|prependListener|addEventListener|subscribe|psubscribe)$/;

/** Events that occur once, when something has started. */
const STARTUP_EVENT =
  /^(?:ready|listening|start|started|open|connect|connected|online|bootstrap|onReady|onListen)$/;

/** Events that occur at the end of a process. */
const EXIT_EVENT = /^(?:SIG[A-Z0-9]+|exit|beforeExit|uncaughtException|unhandledRejection)$/;

/** Classes whose constructor takes the handler of jobs. */
const CONSUMER_CLASS = /(?:Worker|WorkerPro|Consumer)$/;

/** Timing of a function that is written as an argument: its parameters count beside what is called. */
export function timingOfCallback(fn: FunctionNode, call: CallNode, context: SourceContext): CallbackTiming {
  const timing = timingOfArgument(fn, call, context);
  if (timing === 'perRequest' && hasPluginParameters(fn)) return 'once';
  return timing === 'unknown' && hasHandlerParameters(fn) ? 'perRequest' : timing;
}

/** Timing of a function, written there or named, that is an argument of a call: decided by the name of what is called. */
export function timingOfArgument(fn: TSESTree.Node, call: CallNode, context: SourceContext): CallbackTiming {
  const { name, root } = calleeNamesOf(call.callee, context);
  if (TEST_FUNCTION.test(root)) return 'inTest';
  if (call.type === 'NewExpression') return timingInConstructor(name);
  if (RUNS_INLINE.test(name)) return 'inline';
  if (RUNS_PER_ITEM.test(name) || (name === 'from' && root === 'Array')) return 'perItem';
  if (TAKES_HANDLER.test(name) || TAKES_HANDLER_AFTER_KEY.test(name))
    return timingOfHandler(fn, name, call, context);
  return RUNS_ONCE.test(name) ? 'once' : 'unknown';
}

/** Name of what is called, and the name that its expression begins with: `get` and `app` of `app.get(…)`. */
function calleeNamesOf(callee: TSESTree.Node, { keyOf }: SourceContext): { name: string; root: string } {
  let node = callee;
  while (node.type === 'MemberExpression' || node.type === 'CallExpression') {
    node = node.type === 'MemberExpression' ? node.object : node.callee;
  }
  const root = node.type === 'Identifier' ? node.name : '';
  return { name: callee.type === 'MemberExpression' ? (keyOf(callee) ?? '') : root, root };
}

function timingInConstructor(className: string): CallbackTiming {
  if (className === 'Promise') return 'inline';
  return CONSUMER_CLASS.test(className) ? 'perRequest' : 'unknown';
}

function timingOfHandler(
  fn: TSESTree.Node,
  calleeName: string,
  call: CallNode,
  { textOf }: SourceContext,
): CallbackTiming {
  const [first] = call.arguments;
  const event = first === undefined || first === fn ? undefined : textOf(first);
  if (event !== undefined && STARTUP_EVENT.test(event)) return 'inline';
  if (event !== undefined && EXIT_EVENT.test(event)) return 'once';
  return TAKES_HANDLER.test(calleeName) || first !== fn ? 'perRequest' : 'unknown';
}

const REQUEST_NAME = /^_?(?:req|request|ctx|job|socket|ws)$/;
const REPLY_NAME = /^_?(?:res|response|reply|rep|next|done|token|head)$/;
const REQUEST_TYPE = /^(?:\w*Request|IncomingMessage|Job|Socket|APIGateway\w*Event|S[NQ]SEvent)$/;
const APP_NAME = /^(?:app|application|fastify|server|instance|f|nitro|nitroApp|nuxtApp)$/;

/** Whether a function takes a request, a job, a socket or the like, by the names and types of its parameters. */
export function hasHandlerParameters({ params }: FunctionNode): boolean {
  const [first, second] = params;
  if (REQUEST_NAME.test(parameterNameOf(first)) || REQUEST_TYPE.test(parameterTypeOf(first))) return true;
  return (
    first !== undefined &&
    second !== undefined &&
    REPLY_NAME.test(parameterNameOf(second)) &&
    !hasPluginParameters({ params })
  );
}

/** Whether a function takes the application, as plugins do. */
export function hasPluginParameters({ params }: Pick<FunctionNode, 'params'>): boolean {
  return APP_NAME.test(parameterNameOf(params[0]));
}

function parameterNameOf(parameter: TSESTree.Node | undefined): string {
  if (parameter?.type === 'AssignmentPattern') return parameterNameOf(parameter.left);
  return parameter?.type === 'Identifier' ? parameter.name : '';
}

function parameterTypeOf(parameter: TSESTree.Node | undefined): string {
  const type =
    parameter?.type === 'Identifier' || parameter?.type === 'ObjectPattern'
      ? parameter.typeAnnotation?.typeAnnotation
      : undefined;
  return type?.type === 'TSTypeReference' && type.typeName.type === 'Identifier' ? type.typeName.name : '';
}
