import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { fileSource, streamSource } from '../../../../src/doctor/sources/file-source.js';
import { inTime } from '../../../support/in-time.js';

const folder = mkdtempSync(join(tmpdir(), 'file-source-'));
const path = join(folder, 'client-list');
const ROW = 'id=1 addr=10.0.0.1:4711 name=a age=1 idle=1 flags=N\n';
writeFileSync(path, ROW.repeat(20_000));
const notes = join(folder, 'notes');
writeFileSync(notes, 'Dear all\nplease find it attached\n');
afterAll(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;
const ignore = () => undefined;

describe('a file', () => {
  test('is read to its end, each time anew', async () => {
    const source = fileSource(path, never);
    expect(source).toMatchObject({ target: path, kind: 'list', maxclients: undefined, server: undefined });
    for (let times = 0; times < 2; times += 1) {
      let rows = 0;
      const report = await source.read(() => (rows += 1));
      expect(report).toEqual({ rows: 20_000, strangers: 0, truncated: false });
      expect(rows).toBe(20_000);
    }
  });

  test.each([
    ['that is not there', join(folder, 'none'), 'HYG_CLI_FILE', /none cannot be read: ENOENT/],
    ['that is a directory', folder, 'HYG_CLI_FILE', /cannot be read: EISDIR/],
    ['that is no list', notes, 'HYG_CLIENT_LIST_INVALID', /notes is no CLIENT LIST: /],
    ['that is empty', '/dev/null', 'HYG_CLIENT_LIST_INVALID', /\/dev\/null is no CLIENT LIST: .*empty/],
  ])('%s', async (_, file, code, words) => {
    const reading = fileSource(file, never).read(ignore);
    await expect(reading).rejects.toMatchObject({ code, message: expect.stringMatching(words) as string });
  });

  test('is left at Ctrl-C', async () => {
    const stop = new AbortController();
    const reading = fileSource(path, stop.signal).read(() => stop.abort());
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('standard input', () => {
  test('is read in whatever pieces it comes', async () => {
    const pieces = [ROW.slice(0, 7), ROW.slice(7) + ROW, ROW].map((text) => Buffer.from(text));
    const source = streamSource(Readable.from(pieces), never);
    expect(source.target).toBe('standard input');
    expect(await source.read(ignore)).toMatchObject({ rows: 3 });
  });

  test('is left at Ctrl-C while nothing comes', async () => {
    const stop = new AbortController();
    const reading = streamSource(new PassThrough(), stop.signal).read(ignore);
    stop.abort();
    await expect(inTime('the end', reading, 5_000)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('is not waited for after Ctrl-C', async () => {
    const reading = streamSource(new PassThrough(), AbortSignal.abort()).read(ignore);
    await expect(inTime('the end', reading, 5_000)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('that breaks is a file that cannot be read', async () => {
    const stream = new PassThrough();
    const reading = streamSource(stream, never).read(ignore);
    stream.destroy(new Error('EIO'));
    await expect(reading).rejects.toMatchObject({ code: 'HYG_CLI_FILE' });
  });
});
