import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import type { ExitCode } from '../../../src/cli/io.js';
import { main } from '../../../src/cli/main.js';
import { systemClock } from '../../../src/core/clock.js';
import type { Finding } from '../../../src/doctor/audit/finding.js';

/** What a command line came to. */
interface Outcome {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
}

function memory(): { stream: Writable; text: () => string } {
  const pieces: string[] = [];
  const stream = new Writable({
    write(piece: Buffer, _, done) {
      pieces.push(piece.toString());
      done();
    },
  });
  return { stream, text: () => pieces.join('') };
}

async function run(argv: readonly string[]): Promise<Outcome> {
  const [stdout, stderr] = [memory(), memory()];
  const code = await main(argv, {
    stdin: new PassThrough().end(),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: {},
    signal: new AbortController().signal,
    clock: systemClock,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** The findings of `redis-hygiene doctor`, as the whole command gives them. @throws Error where it could not do its work */
export async function findingsOf(...argv: readonly string[]): Promise<readonly Finding[]> {
  const { code, stdout, stderr } = await run(['doctor', '--json', ...argv]);
  if (code === 2) throw new Error(`redis-hygiene doctor failed: ${stderr}`);
  const { findings } = JSON.parse(stdout) as { findings: readonly Finding[] };
  if ((code === 1) !== findings.length > 0) throw new Error(`exit ${code} with ${findings.length} findings`);
  return findings;
}

/** The codes of all findings. */
export async function codesOf(...argv: readonly string[]): Promise<readonly string[]> {
  return (await findingsOf(...argv)).map(({ code }) => code);
}

/** The findings in a CLIENT LIST that somebody saved. */
export async function findingsIn(list: string, ...argv: readonly string[]): Promise<readonly Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-hygiene-list-'));
  try {
    const file = join(folder, 'client-list');
    await writeFile(file, list);
    return await findingsOf('--file', file, ...argv);
  } finally {
    await rm(folder, { recursive: true });
  }
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
