import type { Finding } from '../../../src/doctor/audit/finding.js';
import type { World } from '../command-io.js';
import { printJson } from '../printed-json.js';

async function diagnose(argv: readonly string[], world?: World): Promise<readonly Finding[]> {
  const { code, document, stderr } = await printJson(['doctor', ...argv], world);
  if (code === 2) throw new Error(`redis-hygiene doctor failed: ${stderr}`);
  const findings = document['findings'] as readonly Finding[];
  if ((code === 1) !== findings.length > 0) throw new Error(`exit ${code} with ${findings.length} findings`);
  return findings;
}

/** The findings of `redis-hygiene doctor`, as the whole command gives them. @throws Error where it could not do its work */
export function findingsOf(...argv: readonly string[]): Promise<readonly Finding[]> {
  return diagnose(argv);
}

/** The codes of all findings. */
export async function codesOf(...argv: readonly string[]): Promise<readonly string[]> {
  return (await findingsOf(...argv)).map(({ code }) => code);
}

/** The findings in a CLIENT LIST that somebody saved. */
export function findingsIn(list: string, ...argv: readonly string[]): Promise<readonly Finding[]> {
  return diagnose(['--file', '-', ...argv], { stdin: list });
}

/** The same list as it will be later, if nobody says anything: for what takes hours. */
export function later(list: string, seconds: number, which: (line: string) => boolean = () => true): string {
  const pass = (line: string) =>
    line.replace(
      /\b(age|idle)=(\d+)/g,
      (_, field: string, value: string) => `${field}=${Number(value) + seconds}`,
    );
  return list
    .split('\n')
    .map((line) => (line !== '' && which(line) ? pass(line) : line))
    .join('\n');
}
