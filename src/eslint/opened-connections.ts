import type { TSESTree } from '@typescript-eslint/utils';
import { DROP_IN, isClient, makerOf } from './client-libraries.js';
import { CALL, type Origin, type Steps } from './data-flow/origin.js';
import type { Trace } from './data-flow/trace-origin.js';

/** The package whose factories open connections. */
export const PACKAGE = 'redis-hygiene';

/** Methods of a factory that open connections, and what comes out. */
const OPENERS: Readonly<Record<string, string>> = {
  client: 'client',
  cluster: 'cluster client',
  subscriber: 'subscriber',
  pool: 'pool',
  blocking: 'pool',
};

/** Modules of the same project: relative paths, and the usual aliases of its root. */
const OWN_MODULE = /^(?:\.{1,2}\/|[@~]\/|#|src\/)/;

/** What such a module, or its export, is called when it has to do with Redis. */
const REDIS_NAME = /redis|valkey|hygiene/i;

function direct(path: Steps): Steps {
  return path[0] === 'default' ? path.slice(1) : path;
}

/** The members that lead from a factory to a value; undefined where it does not come from a factory. */
function stepsFromFactory({ module, path }: Origin): Steps | undefined {
  const [maker, call, ...steps] = direct(path);
  const isFactory =
    (module === PACKAGE && maker === 'createRedisFactory') ||
    (module === DROP_IN && (maker === 'defaultFactory' || maker === 'createRedisFactory'));
  return isFactory && call === CALL ? steps : undefined;
}

/** Whether a value is what `createRedisFactory()` or `defaultFactory()` gives. */
export function isFactoryMaker({ module, path }: Origin): boolean {
  const name = direct(path).join('.');
  return (
    (module === PACKAGE && name === 'createRedisFactory') || (module === DROP_IN && name === 'defaultFactory')
  );
}

/** Whether a value is a client, cluster client, subscriber or pool that was opened in this file. */
function isOpened(origin: Origin): boolean {
  const steps = stepsFromFactory(origin);
  if (steps) return steps.length === 2 && steps[1] === CALL && Object.hasOwn(OPENERS, steps[0] ?? '');
  return isClient({ ...origin, module: origin.module === DROP_IN ? 'ioredis' : origin.module });
}

/** Whether a value is a pool of redis-hygiene. */
export function isPool(origin: Origin): boolean {
  const steps = stepsFromFactory(origin);
  return steps?.length === 2 && OPENERS[steps[0] ?? ''] === 'pool' && steps[1] === CALL;
}

/** Whether a value makes a client of the drop-in when it is called or constructed. */
export function isDropInMaker(origin: Origin): boolean {
  return origin.module === DROP_IN && makerOf({ ...origin, module: 'ioredis' }) !== undefined;
}

/** `redis.subscriber()` where `redis` is imported from a module of the project that is about Redis. */
function openedByImport({ module, path }: Origin): string | undefined {
  const member = path.at(-1) ?? '';
  const isFactory =
    path.length === 2 &&
    OWN_MODULE.test(module) &&
    (REDIS_NAME.test(module) || REDIS_NAME.test(path[0] ?? ''));
  return isFactory && Object.hasOwn(OPENERS, member) ? OPENERS[member] : undefined;
}

function openedBy(origin: Origin): string | undefined {
  const { module, path } = origin;
  const steps = stepsFromFactory(origin);
  if (steps?.length === 1)
    return Object.hasOwn(OPENERS, steps[0] ?? '') ? OPENERS[steps[0] ?? ''] : undefined;
  if (isDropInMaker(origin) || makerOf(origin)) return 'client';
  if (path.at(-1) !== 'duplicate') return openedByImport(origin);
  for (let original = path; original.at(-1) === 'duplicate'; original = original.slice(0, -2)) {
    if (isOpened({ module, path: original.slice(0, -1), source: undefined })) return 'client';
  }
  return undefined;
}

function isText(node: TSESTree.Node | undefined): boolean {
  return node?.type === 'TemplateLiteral' || (node?.type === 'Literal' && typeof node.value === 'string');
}

/** What a call opens: "client", "subscriber", "pool" …; undefined for all other calls. */
export function openedByCall(
  call: TSESTree.CallExpression | TSESTree.NewExpression,
  trace: Trace,
): string | undefined {
  const origins = trace(call.callee);
  for (const origin of origins) {
    // `client('LIST')` is a command of ioredis; only a factory in sight is known to be none of its clients.
    const isCommand = origin.path.at(-1) === 'client' && isText(call.arguments[0]);
    const opened = isCommand && !stepsFromFactory(origin) ? undefined : openedBy(origin);
    if (opened) return opened;
  }
  return undefined;
}
