import { readFileSync } from 'node:fs';

/** The version of this package, which lies two folders above, in src as in dist. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
