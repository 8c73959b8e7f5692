import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { startProgram } from '../../support/program.js';

/** What fixtures/bundlers/src/service.js reports. */
interface ServiceReport {
  readonly names: readonly string[];
  readonly isInstance: boolean;
  readonly errors: readonly { readonly code: string; readonly message: string }[];
  readonly suspects: readonly string[];
  readonly borrowers: readonly string[];
  readonly refusal?: { readonly isHygieneError: boolean; readonly code: string; readonly message: string };
  readonly connections: readonly { readonly role: string; readonly callSite: readonly string[] }[];
}

/** Time for a program on a busy machine, from its start to its end. */
const LIMIT_MS = 60_000;

/** Runs a bundled service, stops it with SIGTERM, and returns its report. It has to end with code 0. */
export async function runService(file: string, env: NodeJS.ProcessEnv): Promise<ServiceReport> {
  const program = startProgram({ dir: dirname(file) }, file.slice(dirname(file).length), env, LIMIT_MS);
  const report = await program.message<ServiceReport>();
  program.signal('SIGTERM');
  const { code, stderr } = await program.exit;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return report;
}

/** A stack frame: `name (file:line:column)` or `file:line:column`, where the file is a path or URL. */
const FRAME = /([^()]+):(\d+):(\d+)\)?$/;

/** The code at the position of a stack frame, in one line. */
export function codeAt(frame = ''): string {
  const [, file = '', line, column] = FRAME.exec(frame) ?? [];
  if (!line || !column) return `unknown: ${frame}`;
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  const [first = '', ...others] = readFileSync(path, 'utf8')
    .split('\n')
    .slice(Number(line) - 1, Number(line) + 4);
  return [first.slice(Number(column) - 1), ...others].join(' ').replaceAll(/\s+/g, ' ');
}

/** Expects that the service works, and that whatever names a line of code names one of the service. */
export function expectRightService(report: ServiceReport): void {
  const [own, dropIn] = ['orders@web-1', 'orders@web-2'];
  expect(report.names).toEqual([
    `${own}#client`,
    `${own}#copy`,
    `${dropIn}#drop-in`,
    `${dropIn}#created`,
    `${own}#pool`,
  ]);
  expect(report.isInstance).toBe(true);
  const openedBy = new Map(report.connections.map(({ role, callSite }) => [role, codeAt(callSite[0])]));
  expect(Object.fromEntries(openedBy)).toEqual({
    client: expect.stringMatching(/^client\({ ?connectionName: ?.client\W/),
    copy: expect.stringMatching(/^duplicate\({ ?connectionName: ?.copy\W/),
    'drop-in': expect.stringMatching(/^new [\w$]+\({ ?connectionName: ?.drop-in\W/),
    created: expect.stringMatching(/^createClient\({ ?connectionName: ?.created\W/),
    pool: expect.stringMatching(/^pool\({ ?role: ?.pool\W/),
    subscriber: expect.stringMatching(/^subscriber\({ ?role: ?.subscriber\W/),
    many: expect.stringMatching(/^client\({ ?connectionName: ?.many\W/),
    'too-many': expect.stringMatching(/^client\({ ?connectionName: ?.too-many\W/),
  });
  expect(report.suspects.map(codeAt)).toContainEqual(expect.stringMatching(/^client\(.*\bmany\W/));
  expect(report.borrowers.map(codeAt)).toEqual([expect.stringMatching(/^acquire\(.borrower\W/)]);
  expect(report.refusal).toMatchObject({ isHygieneError: true, code: 'HYG_LIMIT_CONNECTIONS' });
}
