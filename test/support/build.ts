import { execFileSync } from 'node:child_process';

/** Builds dist once before the tests, because forked programs import the package from there as users do. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
