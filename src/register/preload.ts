import { onModuleLoaded, recognizeClient } from './detect-clients.js';
import { getLoadedRuntime, loadRuntime } from './lazy-runtime.js';
import { installLedgerReport, type LedgerReader, reportTriggers } from './ledger-report.js';
import { patchCopy } from './patch-ioredis.js';
import { readWord, readWords } from './preload-settings.js';
import { tryOrWarn, warn } from './warnings.js';

let isInstalled = false;

/**
 * Enforces all clients that this process will create, without a change in its code. Never throws. A client that cannot
 * be enforced is created as it would be without the preload.
 */
export function preload(env = process.env): void {
  if (isInstalled || readWord(env, 'REDIS_HYGIENE_PRELOAD', ['on', 'off']) === 'off') return;
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
  installLedgerReport(readWords(env, 'REDIS_HYGIENE_REPORT', reportTriggers), readLedger);
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
    if (classes.length > 0) loadRuntime().nameGlide(classes);
  } else if (addPatched(client.Class)) {
    if (client.kind === 'ioredis') patchCopy(client.Class, file());
    else loadRuntime().nameNodeRedis(client.Class);
  }
}

/** Classes that are patched already: several modules may export the same class. */
const patchedClasses = new WeakSet();

/** Remembers a class as patched. Returns false if it was patched before. */
function addPatched(Class: object): boolean {
  if (patchedClasses.has(Class)) return false;
  patchedClasses.add(Class);
  return true;
}
