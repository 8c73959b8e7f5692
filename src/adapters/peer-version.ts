import { HygieneError } from '../core/errors.js';

/**
 * Checks the major version of a package that an adapter works with.
 *
 * @throws HygieneError `HYG_PEER_VERSION`
 */
export function checkPeerVersion(name: string, version: string, supported: readonly number[]): void {
  if (supported.includes(Number.parseInt(version, 10))) return;
  const expected = supported.map((major) => `${name}@${major}`).join(' or ');
  const what = `${name} ${version} is installed, expected ${expected}.`;
  throw new HygieneError('HYG_PEER_VERSION', what, { details: { name, version, supported } });
}
