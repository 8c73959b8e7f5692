import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { describe, expect, onTestFinished, test } from 'vitest';
import { publish } from '../../../src/core/emitter.js';
import { createEvents } from '../../../src/factory/events.js';
import { captureCallSite } from '../../../src/ledger/call-site.js';
import type { ShutdownReport } from '../../../src/shutdown/shutdown-plan.js';
import { turn } from '../../support/unit/fake-clock.js';

const THIS_FILE = 'test/unit/ledger/call-site.test.ts';

/** The whole stack at the same place, to show that there was something to leave out. */
function wholeStack(): string {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 50;
  const stack = new Error('here').stack ?? '';
  Error.stackTraceLimit = stackTraceLimit;
  return stack;
}

function openOrder(frames: number): readonly string[] {
  return captureCallSite(frames);
}

function handleRequest(frames: number): readonly string[] {
  return openOrder(frames);
}

/** Calls `look` ever deeper on the stack. */
function below<Seen>(depth: number, look: () => Seen): Seen {
  return depth === 0 ? look() : below(depth - 1, look);
}

describe('the call site of a connection', () => {
  test('is the call site, innermost frame first, without the word "at"', () => {
    const frames = handleRequest(2);
    expect(frames[0]).toMatch(new RegExp(`^openOrder \\(.*${THIS_FILE}:\\d+:\\d+\\)$`));
    expect(frames[1]).toMatch(/^handleRequest \(/);
  });

  test.each([1, 3, 20])('has %i frames where so many are asked for', (count) => {
    expect(below(20, () => captureCallSite(count))).toHaveLength(count);
  });

  test('leaves out the language’s own frames, which stand nowhere', () => {
    const [frames = []] = [1].map(() => captureCallSite(3));
    expect([1].map(wholeStack)[0]).toContain('Array.map (<anonymous>)');
    expect(frames.filter((frame) => !/:\d+:\d+/.test(frame))).toEqual([]);
  });

  test('has none where it is switched off', () => {
    expect(captureCallSite(0)).toEqual([]);
  });

  test('has none where only Node is on the stack', async () => {
    let frames: readonly string[] = ['not yet'];
    void Promise.resolve(3)
      .then(captureCallSite)
      .then((captured) => void (frames = captured));
    await turn();
    expect(frames).toEqual([]);
  });

  test.each([0, 7, 100])('leaves a stack trace limit of %i as it was, and does not depend on it', (limit) => {
    const { stackTraceLimit } = Error;
    onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit));
    Error.stackTraceLimit = limit;
    const frames = captureCallSite(2);
    expect(Error.stackTraceLimit).toBe(limit);
    expect(frames).toHaveLength(2);
  });
});

describe('an application with a way of its own to prepare stacks', () => {
  test.each<[string, unknown]>([
    ['call sites', []],
    ['nothing', undefined],
  ])('that gives %s has no call site, and is not broken', (_what, prepared) => {
    const { prepareStackTrace } = Error;
    Error.prepareStackTrace = () => prepared;
    const frames = captureCallSite(3);
    Error.prepareStackTrace = prepareStackTrace;
    expect(frames).toEqual([]);
  });

  test('that throws has no call site, and keeps its limit', () => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    Error.prepareStackTrace = () => {
      throw new Error('No.');
    };
    const frames = captureCallSite(3);
    Error.prepareStackTrace = prepareStackTrace;
    expect([frames, Error.stackTraceLimit]).toEqual([[], stackTraceLimit]);
  });
});

describe('an application without stacks', () => {
  test('has no call sites, and is not broken', () => {
    const { captureStackTrace } = Error;
    Reflect.deleteProperty(Error, 'captureStackTrace');
    const frames = captureCallSite(3);
    Error.captureStackTrace = captureStackTrace;
    expect(frames).toEqual([]);
  });
});

describe('the call site leaves out the frames', () => {
  test('of redis-hygiene', () => {
    const events = createEvents();
    let seen = { whole: '', frames: [] as readonly string[] };
    events.on('shutdown', () => void (seen = { whole: wholeStack(), frames: captureCallSite(20) }));
    publish(events, 'shutdown', {} as ShutdownReport);
    expect(seen.whole).toContain('src/core/emitter.ts');
    expect(seen.frames.join()).not.toContain('src/core/emitter.ts');
    expect(seen.frames.join()).toContain(THIS_FILE);
  });

  test('of Node', () => {
    const emitter = new EventEmitter();
    let seen = { whole: '', frames: [] as readonly string[] };
    emitter.on('open', () => void (seen = { whole: wholeStack(), frames: captureCallSite(20) }));
    emitter.emit('open');
    expect(seen.whole).toContain('node:events');
    expect(seen.frames.join()).not.toContain('node:');
    expect(seen.frames[1]).toContain(THIS_FILE);
  });

  test.each(['ioredis', 'ioredis5'])('of %s', (name) => {
    let seen = { whole: '', frames: [] as readonly string[] };
    function Connector(): void {
      seen = { whole: wholeStack(), frames: captureCallSite(20) };
    }
    const { Redis } = createRequire(import.meta.url)(name) as { Redis: new (options: object) => object };
    expect(new Redis({ lazyConnect: true, Connector })).toBeInstanceOf(Redis);
    expect(seen.whole).toContain(`${name}/built/`);
    expect(seen.frames.join()).not.toContain(`${name}/built/`);
    expect(seen.frames[1]).toContain(THIS_FILE);
  });

  test('of up to twelve in between, and still has as many as were asked for', () => {
    const emitter = new EventEmitter();
    let seen = { whole: '', frames: [] as readonly string[] };
    for (let step = 1; step < 12; step += 1) emitter.on(`${step}`, emitter.emit.bind(emitter, `${step + 1}`));
    emitter.on('12', () => void (seen = { whole: wholeStack(), frames: captureCallSite(3) }));
    below(5, () => emitter.emit('1'));
    expect(seen.whole.match(/node:events/g)).toHaveLength(12);
    expect(seen.frames).toHaveLength(3);
  });
});
