import { describe, expect, test } from 'vitest';
import { at, createLookoutBench, other } from '../../support/unit/sentinel/sentinel-monitor-harness.js';

describe('a lookout', () => {
  test('watches the given sentinels from start to stop, and may start again', () => {
    const { lookout, watched, of } = createLookoutBench([at(1), at(2)]);
    expect(watched()).toEqual([]);
    lookout.start();
    expect(watched()).toEqual(['h:1', 'h:2']);
    expect(of('h:1').name).toBe('mymaster');
    lookout.stop();
    expect(watched()).toEqual([]);
    lookout.start();
    expect(watched()).toEqual(['h:1', 'h:2']);
  });

  test('passes on what a sentinel says, and how that was learned', () => {
    const { lookout, heard, of, reports } = createLookoutBench([at(1)]);
    lookout.start();
    reports('h:1', 'id-1');
    of('h:1').onSwitch(at(6380));
    expect(heard).toEqual([
      ['h:1', 6379, 1, 'asked'],
      ['h:1', 6380, undefined, 'switch-master'],
    ]);
  });

  test('hears nothing more of one that it has left', () => {
    const { lookout, heard, of } = createLookoutBench([at(1)]);
    lookout.start();
    const follower = of('h:1');
    lookout.stop();
    follower.onReport({ master: at(1), epoch: 1, id: 'id-1', others: [other(2)] });
    follower.onUnreachable();
    expect(heard).toEqual([]);
  });
});

describe('sentinels that others tell of', () => {
  test('are watched too, where they are reached', () => {
    const { lookout, watched, reports } = createLookoutBench([at(1)], {
      reach: ({ port }) => at(port, 'outside'),
    });
    lookout.start();
    reports('h:1', 'id-1', [2, 3]);
    expect(watched()).toEqual(['h:1', 'outside:2', 'outside:3']);
  });

  test('are not where the caller wants only the given ones', () => {
    const { lookout, watched, reports } = createLookoutBench([at(1)], { reach: undefined });
    lookout.start();
    reports('h:1', 'id-1', [2, 3]);
    expect(watched()).toEqual(['h:1']);
  });

  test('are watched up to the limit, all together', () => {
    const { lookout, watched, reports } = createLookoutBench([at(1), at(2)], { limit: 3 });
    lookout.start();
    reports('h:1', 'id-1', [2, 3, 4]);
    reports('h:2', 'id-2', [1, 3, 4]);
    expect(watched()).toEqual(['h:1', 'h:2', 'h:3']);
  });

  test('more given ones than the limit are not watched', () => {
    const { lookout, watched } = createLookoutBench([at(1), at(2), at(3)], { limit: 2 });
    lookout.start();
    expect(watched()).toEqual(['h:1', 'h:2']);
  });

  test('wait until each given one has told who it is, or cannot be reached', () => {
    const { lookout, watched, of, reports } = createLookoutBench([at(1), at(2, 'localhost'), at(3)]);
    lookout.start();
    reports('h:1', 'id-1', [2, 3, 4]);
    reports('localhost:2', 'id-2', [1, 3, 4]);
    expect(watched()).toEqual(['h:1', 'localhost:2', 'h:3']);
    of('h:3').onUnreachable();
    expect(watched()).toEqual(['h:1', 'localhost:2', 'h:3', 'h:4']);
  });

  test('without an id are watched by their address', () => {
    const { lookout, watched, of } = createLookoutBench([at(1)]);
    lookout.start();
    const others = [1, 2].map((port) => ({ address: at(port), id: undefined }));
    of('h:1').onReport({ master: undefined, epoch: undefined, id: undefined, others });
    expect(watched()).toEqual(['h:1', 'h:2']);
  });
});

describe('a sentinel with two names', () => {
  test('is watched once: the given name is kept', () => {
    const { lookout, watched, of, reports } = createLookoutBench([at(1), at(2, 'localhost')]);
    lookout.start();
    of('localhost:2').onUnreachable();
    reports('h:1', 'id-1', [2]);
    reports('h:2', 'id-2', [1]);
    expect(watched()).toEqual(['h:1', 'localhost:2', 'h:2']);
    reports('localhost:2', 'id-2', [1]);
    reports('h:1', 'id-1', [2]);
    expect(watched()).toEqual(['h:1', 'localhost:2']);
  });

  test('is watched once where the same name was given twice', () => {
    const followed: string[] = [];
    const { lookout } = createLookoutBench([at(1), at(1)], {
      follow: ({ port }) => {
        followed.push(`follow ${port}`);
        return () => undefined;
      },
    });
    lookout.start();
    expect(followed).toEqual(['follow 1']);
  });

  test('is watched once: of two given names the one that told first', () => {
    const { lookout, watched, reports } = createLookoutBench([at(1), at(1, 'localhost')]);
    lookout.start();
    reports('localhost:1', 'id-1');
    reports('h:1', 'id-1');
    expect(watched()).toEqual(['localhost:1']);
  });

  test('is watched under both where it does not tell its id', () => {
    const { lookout, watched, reports } = createLookoutBench([at(1), at(1, 'localhost')]);
    lookout.start();
    reports('localhost:1', undefined);
    reports('h:1', undefined);
    expect(watched()).toEqual(['h:1', 'localhost:1']);
  });
});

describe('a sentinel that has moved', () => {
  test('is given up when it is lost and nobody tells of it any more', () => {
    const { lookout, watched, of, reports } = createLookoutBench([at(1)]);
    lookout.start();
    reports('h:1', 'id-1', [2]);
    reports('h:2', 'id-2', [1]);
    of('h:2').onUnreachable();
    expect(watched()).toEqual(['h:1', 'h:2']); // it may be a moment
    reports('h:1', 'id-1', [3]);
    of('h:2').onUnreachable();
    expect(watched()).toEqual(['h:1', 'h:3']);
  });

  test('makes room for those that are there', () => {
    const { lookout, watched, of, reports } = createLookoutBench([at(1)], { limit: 2 });
    lookout.start();
    reports('h:1', 'id-1', [2]);
    reports('h:1', 'id-1', [3]);
    expect(watched()).toEqual(['h:1', 'h:2']);
    of('h:2').onUnreachable();
    expect(watched()).toEqual(['h:1', 'h:3']);
  });

  test('is told of by nobody who cannot be reached', () => {
    const { lookout, watched, of, reports } = createLookoutBench([at(1)]);
    lookout.start();
    reports('h:1', 'id-1', [2]);
    of('h:1').onUnreachable();
    of('h:2').onUnreachable();
    expect(watched()).toEqual(['h:1']);
    reports('h:1', 'id-1', [2]);
    expect(watched()).toEqual(['h:1', 'h:2']);
  });

  test('that was given is watched for ever', () => {
    const { lookout, watched, of } = createLookoutBench([at(1)]);
    lookout.start();
    for (let dial = 0; dial < 3; dial += 1) of('h:1').onUnreachable();
    expect(watched()).toEqual(['h:1']);
  });
});
