import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a package says of itself. */
export interface PackageFacts {
  readonly name: string;
  readonly version: string;
}

/** The package to which a file belongs: the nearest package.json that has a version. */
export function packageOf(file: string): PackageFacts | undefined {
  const folder = dirname(file);
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as Partial<PackageFacts>;
    if (name && version) return { name, version };
  }
  return folder === dirname(folder) ? undefined : packageOf(folder);
}
