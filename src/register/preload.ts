import { isSwitchedOff, readWord, readWords } from '../core/variables.js';
import { type IoredisClass, onModuleLoaded, recognizeClient } from './detect-clients.js';
import { getLoadedRuntime, loadRuntime } from './lazy-runtime.js';
import { installLedgerReport, type LedgerReader, reportTriggers } from './ledger-report.js';
import { patchCopy } from './patch-ioredis.js';
import { warn } from '../core/warnings.js';
import { tryOrWarn, warnOfVariable } from './warnings.js';

let isInstalled = false;

/**
 * Enforces all clients that this process will create, without a change in its code. Never throws. A client that cannot
 * be enforced is created as it would be without the preload.
 */
export function preload(env = process.env): void {
  const isOff = readWord(env, 'REDIS_HYGIENE_PRELOAD', ['on', 'off'], warnOfVariable) === 'off';
  if (isInstalled || isOff || isSwitchedOff(env, warnOfVariable)) return;
  isInstalled = true;
  if (!isNodeSupported()) {
    const expected = 'redis-hygiene/register needs Node 20.19 or later';
    return warn(
      'HYG_PRELOAD_NODE',
      `${expected}, but this is ${process.version}: connections are not enforced.`,
    );
  }
  onModuleLoaded((exports, file) => {
    tryOrWarn('patch a module', () => patchModule(exports, file));
  });
  installLedgerReport(readWords(env, 'REDIS_HYGIENE_REPORT', reportTriggers, warnOfVariable), readLedger);
}

/** Compares with `engines` in our package.json. */
function isNodeSupported(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

/** Reads the ledger only if the runtime is loaded: a program without Redis has none. */
const readLedger: LedgerReader = () => getLoadedRuntime()?.readLedger();

/** Patches a module if it exports a known client class. */
function patchModule(exports: unknown, file: () => string): void {
  const client = recognizeClient(exports);
  if (!client) return;
  if (client.kind === 'glide') {
    const classes = client.Classes.filter(addPatched);
    if (classes.length > 0) loadRuntime().observeGlide(classes);
  } else if (client.kind === 'ioredis') {
    if (addPatched(declaringPrototype(client.Class))) patchCopy(client.Class, file());
  } else if (addPatched(client.Class)) {
    if (client.kind === 'node-redis') loadRuntime().observeNodeRedis(client.Class);
    else loadRuntime().observeNodeRedisGroup(client.Class, client.topology);
  }
}

/**
 * The prototype that declares the method which is patched. A subclass and the class of the drop-in share it with the class
 * of ioredis, whose package they are not part of.
 */
function declaringPrototype({ prototype }: IoredisClass): object {
  let declaring: object = prototype;
  while (!Object.hasOwn(declaring, 'parseOptions')) declaring = Object.getPrototypeOf(declaring) as object;
  return declaring;
}

/** Classes and prototypes that are patched already: several modules may export the same class. */
const patchedClasses = new WeakSet();

/** Remembers a class or prototype as patched. Returns false if it was patched before. */
function addPatched(patched: object): boolean {
  if (patchedClasses.has(patched)) return false;
  patchedClasses.add(patched);
  return true;
}
