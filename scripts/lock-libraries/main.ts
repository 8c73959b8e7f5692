// `npx tsx scripts/lock-libraries/main.ts`: writes the lock files of test/compatibility/libraries from its package.json.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ioredisVersions, lockFile, type Major, manifestWith } from '../../test/compatibility/rig/install.js';

for (const major of Object.keys(ioredisVersions).map(Number) as Major[]) {
  const folder = mkdtempSync(join(tmpdir(), 'redis-hygiene-lock-'));
  writeFileSync(join(folder, 'package.json'), manifestWith(major));
  const flags = ['--package-lock-only', '--ignore-scripts', '--omit-lockfile-registry-resolved'];
  execFileSync('npm', ['install', ...flags], { cwd: folder, stdio: 'inherit' });
  copyFileSync(join(folder, 'package-lock.json'), lockFile(major));
  rmSync(folder, { recursive: true });
}
