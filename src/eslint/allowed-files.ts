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

/** Elsewhere picomatch takes a bracket without its other one for a letter, and the glob names no file. */
function refuseUnreadable(glob: string): void {
  try {
    picomatch.makeRe(glob, { strictBrackets: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The option has "${glob}", which is no glob: ${why}.`, { cause });
  }
}

/** Whether a file is one of those that globs name, which are relative to the folder that ESLint runs in. */
export function isAllowed(
  { cwd, filename }: { cwd: string; filename: string },
  globs: readonly string[],
): boolean {
  if (globs.length === 0) return false;
  globs.forEach(refuseUnreadable);
  const patterns = globs.map((glob) => glob.replace(/^\.\//, ''));
  return picomatch.isMatch(relativeTo(cwd, filename), patterns, { dot: true });
}
