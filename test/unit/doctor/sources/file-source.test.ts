import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { createFileSource, createStreamSource } from '../../../../src/doctor/sources/file-source.js';
import { inTime } from '../../../support/in-time.js';

const folder = mkdtempSync(join(tmpdir(), 'file-source-'));
const path = join(folder, 'client-list');
const ROW = 'id=1 addr=10.0.0.1:4711 name=a age=1 idle=1 flags=N\n';
writeFileSync(path, ROW.repeat(20_000));
const notes = join(folder, 'notes');
writeFileSync(notes, 'Dear all\nplease find it attached\n');
afterAll(() => rmSync(folder, { recursive: true }));

const noAbort = new AbortController().signal;
const ignore = () => undefined;

describe('a file', () => {
  test('is read to its end each time', async () => {
    const source = createFileSource(path, noAbort);
    expect(source).toMatchObject({ target: path, kind: 'list', maxclients: undefined, server: undefined });
    for (let times = 0; times < 2; times += 1) {
      let rows = 0;
      const report = await source.read(() => (rows += 1));
      expect(report).toEqual({ rows: 20_000, skippedLines: 0, truncated: false });
      expect(rows).toBe(20_000);
    }
  });

  test.each([
    ['that does not exist', join(folder, 'none'), 'HYG_CLI_FILE', /none cannot be read: ENOENT/],
    ['that is a directory', folder, 'HYG_CLI_FILE', /cannot be read: EISDIR/],
    ['that is not a client list', notes, 'HYG_CLIENT_LIST_INVALID', /notes is not a CLIENT LIST: /],
    ['that is empty', '/dev/null', 'HYG_CLIENT_LIST_INVALID', /\/dev\/null is not a CLIENT LIST: .*empty/],
  ])('%s', async (_, file, code, message) => {
    const reading = createFileSource(file, noAbort).read(ignore);
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  test('is read no further after an abort', async () => {
    const stop = new AbortController();
    const reading = createFileSource(path, stop.signal).read(() => stop.abort());
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('standard input', () => {
  test('is read in chunks of any size', async () => {
    const chunks = [ROW.slice(0, 7), ROW.slice(7) + ROW, ROW].map((text) => Buffer.from(text));
    const source = createStreamSource(Readable.from(chunks), noAbort);
    expect(source.target).toBe('standard input');
    expect(await source.read(ignore)).toMatchObject({ rows: 3 });
  });

  test('is no longer waited for after an abort', async () => {
    const stop = new AbortController();
    const reading = createStreamSource(new PassThrough(), stop.signal).read(ignore);
    stop.abort();
    await expect(inTime('the end', reading, 5_000)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('is not read if the signal is aborted already', async () => {
    const reading = createStreamSource(new PassThrough(), AbortSignal.abort()).read(ignore);
    await expect(inTime('the end', reading, 5_000)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('that fails is reported as HYG_CLI_FILE', async () => {
    const stream = new PassThrough();
    const reading = createStreamSource(stream, noAbort).read(ignore);
    stream.destroy(new Error('EIO'));
    await expect(reading).rejects.toMatchObject({ code: 'HYG_CLI_FILE' });
  });
});
