import { execFileSync } from 'node:child_process';

/** Forked programs import the package as users do, from dist: it is built once before the tests. */
export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
