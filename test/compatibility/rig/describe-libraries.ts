import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestRedis, useRedis } from '../../support/use-redis.js';
import { libraries, type Library } from '../libraries.js';
import { type Application, createApplication } from './application.js';
import { type CellResult, runCell, type Way } from './cell.js';
import type { Major } from './install.js';
import { readResults, type Results, writeResults } from './results.js';

/** Writes the results of this run, instead of comparing them with those of the last one. */
const IS_UPDATE = process.env['REDIS_HYGIENE_COMPATIBILITY'] === 'update';

/** Runs all libraries on one major of ioredis, each in all ways that it has. */
export function describeLibraries(major: Major): void {
  const redis = useRedis({ prefer: 'process' });
  let application: Application;
  const results: Results = {};
  beforeAll(async () => void (application = await createApplication(major)));
  afterAll(() => {
    application[Symbol.dispose]();
    if (IS_UPDATE) writeResults(major, { ...readResults(major), ...results });
  });

  test('there is one copy of ioredis', () =>
    expect(application.copiesOfIoredis()).toEqual(['node_modules/ioredis']));

  test.for(libraries)('$program', async (library) => {
    const cells: Results[string]['cells'] = {};
    for (const way of waysOf(library)) cells[way] = await runWay(application, redis, library, way);
    results[library.program] = { version: application.versionOf(library.packageName), cells };
    if (!IS_UPDATE) expect(results[library.program]).toEqual(readResults(major)[library.program]);
  });
}

/** Runs a library in one way: stopped in good order and, where it says that it need not be stopped first, not so. */
async function runWay(
  application: Application,
  redis: TestRedis,
  { program, closeFirst }: Library,
  way: Way,
): Promise<CellResult> {
  const inOrder = await runCell(application, redis, { program, way });
  if (closeFirst !== undefined || inOrder.status === 'failed') return inOrder;
  return runCell(application, redis, { program, way, stop: 'never' });
}

function waysOf({ client, options, preload }: Library): readonly Way[] {
  const taken = (['client', 'options'] as const).filter((form) => ({ client, options })[form] === 'yes');
  return [...taken, ...(preload ?? taken).map((form) => `preload-${form}` as const)];
}
