import type { TSESTree } from '@typescript-eslint/utils';
import { clientMakerOf, DROP_IN_MODULE, isClient } from './client-libraries.js';
import { type AccessPath, CALL, type Origin } from './data-flow/origin.js';
import type { CallNode } from './data-flow/syntax-nodes.js';
import type { Trace } from './data-flow/trace-origin.js';
import { packageName } from './define-rule.js';

/** Methods of a factory that open connections, and what they return. */
const OPENING_METHODS: Readonly<Record<string, string>> = {
  client: 'client',
  cluster: 'cluster client',
  subscriber: 'subscriber',
  pool: 'pool',
  blocking: 'pool',
};

/** Modules of the linted project: relative paths, and the usual aliases of its root. */
const PROJECT_MODULE = /^(?:\.{1,2}\/|[@~]\/|#|src\/)/;

/** Names of modules and exports that have to do with Redis. */
const REDIS_NAME = /redis|valkey|hygiene/i;

/** What a call opens: "client", "subscriber", "pool" …; undefined for a call that opens nothing. */
export function openedByCall(call: CallNode, trace: Trace): string | undefined {
  const origins = trace(call.callee);
  for (const origin of origins) {
    // `client('LIST')` may be a command of an ioredis client, unless this file shows that it is called on a factory.
    const isCommand = origin.path.at(-1) === 'client' && isText(call.arguments[0]);
    const opened = isCommand && !pathFromFactory(origin) ? undefined : openedByCalling(origin);
    if (opened) return opened;
  }
  return undefined;
}

/** Whether a value is `createRedisFactory` or `defaultFactory`. */
export function isFactoryMaker({ module, path }: Origin): boolean {
  const name = withoutDefault(path).join('.');
  return (
    (module === packageName && name === 'createRedisFactory') ||
    (module === DROP_IN_MODULE && name === 'defaultFactory')
  );
}

/** Whether a value creates a client of the drop-in when it is called or constructed. */
export function isDropInMaker(origin: Origin): boolean {
  return origin.module === DROP_IN_MODULE && clientMakerOf({ ...origin, module: 'ioredis' }) !== undefined;
}

/** Whether a value is a pool of redis-hygiene. */
export function isPool(origin: Origin): boolean {
  const path = pathFromFactory(origin);
  return path?.length === 2 && OPENING_METHODS[path[0] ?? ''] === 'pool' && path[1] === CALL;
}

/** Whether a value is a client, cluster client, subscriber or pool that this file opened. */
function isOpenedConnection(origin: Origin): boolean {
  const path = pathFromFactory(origin);
  if (path) return path.length === 2 && path[1] === CALL && Object.hasOwn(OPENING_METHODS, path[0] ?? '');
  return isClient({ ...origin, module: origin.module === DROP_IN_MODULE ? 'ioredis' : origin.module });
}

function openedByCalling(origin: Origin): string | undefined {
  const { module, path } = origin;
  const factoryPath = pathFromFactory(origin);
  if (factoryPath?.length === 1)
    return Object.hasOwn(OPENING_METHODS, factoryPath[0] ?? '')
      ? OPENING_METHODS[factoryPath[0] ?? '']
      : undefined;
  if (isDropInMaker(origin) || clientMakerOf(origin)) return 'client';
  if (path.at(-1) !== 'duplicate') return openedByImportedFactory(origin);
  for (let original = path; original.at(-1) === 'duplicate'; original = original.slice(0, -2)) {
    if (isOpenedConnection({ module, path: original.slice(0, -1), source: undefined })) return 'client';
  }
  return undefined;
}

/** What `redis.subscriber()` opens where `redis` is imported from a module of the project that is about Redis. */
function openedByImportedFactory({ module, path }: Origin): string | undefined {
  const member = path.at(-1) ?? '';
  const isFactory =
    path.length === 2 &&
    PROJECT_MODULE.test(module) &&
    (REDIS_NAME.test(module) || REDIS_NAME.test(path[0] ?? ''));
  return isFactory && Object.hasOwn(OPENING_METHODS, member) ? OPENING_METHODS[member] : undefined;
}

/** The path from a factory of redis-hygiene to a value; undefined if the value does not come from one. */
function pathFromFactory({ module, path }: Origin): AccessPath | undefined {
  const [maker, call, ...rest] = withoutDefault(path);
  const isFactory =
    (module === packageName && maker === 'createRedisFactory') ||
    (module === DROP_IN_MODULE && (maker === 'defaultFactory' || maker === 'createRedisFactory'));
  return isFactory && call === CALL ? rest : undefined;
}

function withoutDefault(path: AccessPath): AccessPath {
  return path[0] === 'default' ? path.slice(1) : path;
}

function isText(node: TSESTree.Node | undefined): boolean {
  return node?.type === 'TemplateLiteral' || (node?.type === 'Literal' && typeof node.value === 'string');
}
