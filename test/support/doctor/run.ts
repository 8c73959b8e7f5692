import type { Finding } from '../../../src/doctor/audit/finding.js';
import type { CliEnvironment } from '../command-io.js';
import { printJson } from '../printed-json.js';

async function runDoctor(argv: readonly string[], world?: CliEnvironment): Promise<readonly Finding[]> {
  const { code, document, stderr } = await printJson(['doctor', ...argv], world);
  if (code === 2) throw new Error(`redis-hygiene doctor failed: ${stderr}`);
  const findings = document['findings'] as readonly Finding[];
  if ((code === 1) !== findings.length > 0) throw new Error(`exit ${code} with ${findings.length} findings`);
  return findings;
}

/** The findings of `redis-hygiene doctor --json`. @throws Error if the command failed with exit code 2 */
export function findingsOf(...argv: readonly string[]): Promise<readonly Finding[]> {
  return runDoctor(argv);
}

/** The codes of all findings of `redis-hygiene doctor`. */
export async function codesOf(...argv: readonly string[]): Promise<readonly string[]> {
  return (await findingsOf(...argv)).map(({ code }) => code);
}

/** The findings about a saved CLIENT LIST. */
export function findingsIn(list: string, ...argv: readonly string[]): Promise<readonly Finding[]> {
  return runDoctor(['--file', '-', ...argv], { stdin: list });
}

/** A list as it looks after some silent seconds, for states that take hours to arise. Only lines that `isAged` selects get older. */
export function later(list: string, seconds: number, isAged: (line: string) => boolean = () => true): string {
  const age = (line: string) =>
    line.replace(
      /\b(age|idle)=(\d+)/g,
      (_, field: string, value: string) => `${field}=${Number(value) + seconds}`,
    );
  return list
    .split('\n')
    .map((line) => (line !== '' && isAged(line) ? age(line) : line))
    .join('\n');
}
