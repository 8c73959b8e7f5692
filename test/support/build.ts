import { buildIfNeeded } from '../../scripts/build/if-needed.js';

/** Builds dist before the tests, unless it is newer than src: forked programs load the package from there, as users do. */
export async function setup(): Promise<void> {
  await buildIfNeeded((line) => process.stdout.write(`${line}\n`));
}
