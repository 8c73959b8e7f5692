import type { TSESTree } from '@typescript-eslint/utils';
import type { SourceContext } from '../data-flow/origin.js';
import type { FunctionNode } from '../data-flow/syntax-nodes.js';

/** When a function runs. */
export type CallbackTiming =
  /** Once, when and where the call does that it is handed to: `then`, `new Promise()`, `listen`. */
  | 'along'
  /** Once for the whole process: `once`, `memoize`, the plugins of frameworks, a constructor. */
  | 'once'
  /** For each of many: `map`, `forEach`, an interval. */
  | 'each'
  /** For each request, job, message or event. */
  | 'handled'
  /** In a test or its hooks. */
  | 'tested'
  | 'unknown';

/** A call, or a construction. */
export type Call = TSESTree.CallExpression | TSESTree.NewExpression;

const TESTED =
  /^(?:x|f)?(?:describe|context|suite|it|test|specify|bench)$|^(?:before|after)(?:All|Each)?$|^setup$|^teardown$/;

const ONCE =
  /once|memo|lazy|singleton|plugin|^fp$|^as(?:Function|Class)$|^toDynamicValue$|^cached?$|^shared$|^register$/i;

const ALONG =
  /^(?:then|catch|finally|set(?:Timeout|Immediate)|queueMicrotask|nextTick|listen|ready|whenReady|bootstrap|command|action)$/;

const EACH =
  /^(?:map|forEach|flatMap|filter|reduce|reduceRight|some|every|times|mapValues|each|eachLimit|mapLimit|set(?:Interval))$/;

/** Takes handlers, and nothing else. */
const CONSUMING =
  /^(?:use|all|route|addHook|process|consume|handle|handler|schedule|cron|createServer|serve)$/;

/** Takes handlers after a path, an event or a channel; `cache.get(compute)` is none of these. */
const REGISTERING =
  /^(?:get|post|put|patch|delete|del|head|options|on|addListener|prependListener|addEventListener|subscribe|psubscribe)$/;

/** Events that come once, when something is up. */
const STARTING =
  /^(?:ready|listening|start|started|open|connect|connected|online|bootstrap|onReady|onListen)$/;

/** Events that come at the end of a process, if at all. */
const ENDING = /^(?:SIG[A-Z0-9]+|exit|beforeExit|uncaughtException|unhandledRejection)$/;

/** Classes whose constructor takes what is done with each job. */
const CONSUMER = /(?:Worker|WorkerPro|Consumer)$/;

/** What is called, and what stands before the first dot: `app.get(…)`, `it.each(…)(…)`. */
function namesOf(callee: TSESTree.Node, { keyOf }: SourceContext): { own: string; root: string } {
  let at = callee;
  while (at.type === 'MemberExpression' || at.type === 'CallExpression') {
    at = at.type === 'MemberExpression' ? at.object : at.callee;
  }
  const root = at.type === 'Identifier' ? at.name : '';
  return { own: callee.type === 'MemberExpression' ? (keyOf(callee) ?? '') : root, root };
}

function momentInConstructor(name: string): CallbackTiming {
  if (name === 'Promise') return 'along';
  return CONSUMER.test(name) ? 'handled' : 'unknown';
}

function momentOfHandler(
  fn: TSESTree.Node,
  own: string,
  call: Call,
  { textOf }: SourceContext,
): CallbackTiming {
  const [first] = call.arguments;
  const event = first === undefined || first === fn ? undefined : textOf(first);
  if (event !== undefined && STARTING.test(event)) return 'along';
  if (event !== undefined && ENDING.test(event)) return 'once';
  return CONSUMING.test(own) || first !== fn ? 'handled' : 'unknown';
}

/** When a function runs that is an argument of a call, by the name of what is called. */
export function timingOf(fn: TSESTree.Node, call: Call, surroundings: SourceContext): CallbackTiming {
  const { own, root } = namesOf(call.callee, surroundings);
  if (TESTED.test(root)) return 'tested';
  if (call.type === 'NewExpression') return momentInConstructor(own);
  if (ALONG.test(own)) return 'along';
  if (EACH.test(own) || (own === 'from' && root === 'Array')) return 'each';
  if (CONSUMING.test(own) || REGISTERING.test(own)) return momentOfHandler(fn, own, call, surroundings);
  return ONCE.test(own) ? 'once' : 'unknown';
}

/** The same for a function that is written as the argument: what it takes says as much as who takes it. */
export function timingOfInline(fn: FunctionNode, call: Call, surroundings: SourceContext): CallbackTiming {
  const moment = timingOf(fn, call, surroundings);
  if (moment === 'handled' && isPluginLike(fn)) return 'once';
  return moment === 'unknown' && isHandlerLike(fn) ? 'handled' : moment;
}

const REQUEST = /^_?(?:req|request|ctx|job|socket|ws)$/;
const REPLY = /^_?(?:res|response|reply|rep|next|done|token|head)$/;
const REQUEST_TYPE = /^(?:\w*Request|IncomingMessage|Job|Socket|APIGateway\w*Event|S[NQ]SEvent)$/;
const APP = /^(?:app|application|fastify|server|instance|f|nitro|nitroApp|nuxtApp)$/;

function nameOf(parameter: TSESTree.Node | undefined): string {
  if (parameter?.type === 'AssignmentPattern') return nameOf(parameter.left);
  return parameter?.type === 'Identifier' ? parameter.name : '';
}

function typeOf(parameter: TSESTree.Node | undefined): string {
  const type =
    parameter?.type === 'Identifier' || parameter?.type === 'ObjectPattern'
      ? parameter.typeAnnotation?.typeAnnotation
      : undefined;
  return type?.type === 'TSTypeReference' && type.typeName.type === 'Identifier' ? type.typeName.name : '';
}

/** Whether a function takes what is different each time: a request, a job, a socket. */
export function isHandlerLike({ params }: FunctionNode): boolean {
  const [first, second] = params;
  if (REQUEST.test(nameOf(first)) || REQUEST_TYPE.test(typeOf(first))) return true;
  return (
    first !== undefined && second !== undefined && REPLY.test(nameOf(second)) && !isPluginLike({ params })
  );
}

/** Whether a function takes what there is once: the app, as plugins do. */
export function isPluginLike({ params }: Pick<FunctionNode, 'params'>): boolean {
  return APP.test(nameOf(params[0]));
}
