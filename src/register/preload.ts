import { readWord, readWords } from './preload-settings.js';
import { hearModules, recogniseClient } from './detect-clients.js';
import { enforceCopy } from './patch-ioredis.js';
import { loadRuntime, runtimeIfLoaded } from './lazy-runtime.js';
import { type LedgerReader, occasions, tellLedger } from './ledger-report.js';
import { attempt, warn } from './warnings.js';

/** The versions of Node that redis-hygiene is for: `engines` of its package.json. */
function isNodeSupported(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}

/** Each class is looked after once, in however many modules it is exported. */
const seen = new WeakSet();

function isNew(Class: object): boolean {
  if (seen.has(Class)) return false;
  seen.add(Class);
  return true;
}

function lookAfter(exports: unknown, file: () => string): void {
  const found = recogniseClient(exports);
  if (!found) return;
  if (found.kind === 'glide') {
    const classes = found.Classes.filter(isNew);
    if (classes.length > 0) loadRuntime().nameGlide(classes);
  } else if (isNew(found.Class)) {
    if (found.kind === 'ioredis') enforceCopy(found.Class, file());
    else loadRuntime().nameNodeRedis(found.Class);
  }
}

/** What enforces is asked only where it has been loaded: a program without Redis has nothing to tell. */
const ledger: LedgerReader = () => runtimeIfLoaded()?.openLedger();

let isInstalled = false;

/**
 * Has all clients that this process will make enforced, without a change in its code. Never throws, and a client that
 * cannot be enforced is made as it would have been.
 */
export function preload(env = process.env): void {
  if (isInstalled || readWord(env, 'REDIS_HYGIENE_PRELOAD', ['on', 'off']) === 'off') return;
  isInstalled = true;
  if (!isNodeSupported()) {
    const needed = 'redis-hygiene/register needs Node 20.19 or later';
    return warn('HYG_PRELOAD_NODE', `${needed}, this is ${process.version}: nothing is enforced.`);
  }
  hearModules((exports, file) => void attempt('A module', () => lookAfter(exports, file)));
  tellLedger(readWords(env, 'REDIS_HYGIENE_REPORT', occasions), ledger);
}
