import picomatch from 'picomatch';

/** Globs have slashes on Windows too, and its drives have letters of either case. */
function slashed(path: string): string {
  return path.replaceAll('\\', '/').replace(/^[a-z]:/, (drive) => drive.toUpperCase());
}

function relativeTo(cwd: string, file: string): string {
  const folder = `${slashed(cwd).replace(/\/$/, '')}/`;
  const path = slashed(file);
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

/** Whether a file is one of those that globs name, which are relative to the folder that ESLint runs in. */
export function isAllowed(
  { cwd, filename }: { cwd: string; filename: string },
  globs: readonly string[],
): boolean {
  if (globs.length === 0) return false;
  const patterns = globs.map((glob) => glob.replace(/^\.\//, ''));
  return picomatch.isMatch(relativeTo(cwd, filename), patterns, { dot: true });
}
