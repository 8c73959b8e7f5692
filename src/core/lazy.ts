import { HygieneError } from './errors.js';

/** Makes something when it is first used, and keeps it. */
export function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

/**
 * Loads an optional peer dependency, when it is first needed.
 *
 * @throws HygieneError `HYG_PEER_MISSING` if it is not installed
 */
export function loadPeer<Module>(name: string, load: () => Module): Module {
  try {
    return load();
  } catch (error) {
    if (!isMissing(error, name)) throw error;
    const what = `The package ${name} was not found.`;
    throw new HygieneError('HYG_PEER_MISSING', what, { cause: error, details: { name } });
  }
}

/** Whether Node has not found this package. Its own dependencies may be missing too, with the same code. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'MODULE_NOT_FOUND' && message.includes(`'${name}'`);
}

/**
 * Checks the major version of an optional peer dependency.
 *
 * @throws HygieneError `HYG_PEER_VERSION`
 */
export function checkPeerVersion(name: string, version: string, supported: readonly number[]): void {
  if (supported.includes(Number.parseInt(version, 10))) return;
  const expected = supported.map((major) => `${name}@${major}`).join(' or ');
  const what = `${name} ${version} is installed, expected ${expected}.`;
  throw new HygieneError('HYG_PEER_VERSION', what, { details: { name, version, supported } });
}
