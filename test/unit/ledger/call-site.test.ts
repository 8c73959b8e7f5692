import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { describe, expect, onTestFinished, test } from 'vitest';
import { emitEvent } from '../../../src/core/emitter.js';
import { createEvents } from '../../../src/factory/events.js';
import { captureCallSite, openedByCaller } from '../../../src/ledger/call-site.js';
import type { ShutdownReport } from '../../../src/shutdown/shutdown-plan.js';
import { turn } from '../../support/unit/fake-clock.js';

const THIS_FILE = 'test/unit/ledger/call-site.test.ts';

/** The whole stack at the same place, to show that the call site leaves frames out. */
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

/** Calls `run` with `depth` more frames on the stack. */
function atDepth<Result>(depth: number, run: () => Result): Result {
  return depth === 0 ? run() : atDepth(depth - 1, run);
}

describe('the call site of a connection', () => {
  test('lists frames, innermost first, without the word "at"', () => {
    const frames = handleRequest(2);
    expect(frames[0]).toMatch(new RegExp(`^openOrder \\(.*${THIS_FILE}:\\d+:\\d+\\)$`));
    expect(frames[1]).toMatch(/^handleRequest \(/);
  });

  test.each([1, 3, 20])('has %i frames if so many are requested', (count) => {
    expect(atDepth(20, () => captureCallSite(count))).toHaveLength(count);
  });

  test('leaves out frames of JavaScript built-ins, which have no position', () => {
    const [frames = []] = [1].map(() => captureCallSite(3));
    expect([1].map(wholeStack)[0]).toContain('Array.map (<anonymous>)');
    expect(frames.filter((frame) => !/:\d+:\d+/.test(frame))).toEqual([]);
  });

  test('is empty if 0 frames are requested', () => {
    expect(captureCallSite(0)).toEqual([]);
  });

  test('is empty if only Node is on the stack', async () => {
    let frames: readonly string[] = ['not yet'];
    void Promise.resolve(3)
      .then(captureCallSite)
      .then((captured) => void (frames = captured));
    await turn();
    expect(frames).toEqual([]);
  });

  test.each([0, 7, 100])('restores a stack trace limit of %i, and does not depend on it', (limit) => {
    const { stackTraceLimit } = Error;
    onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit));
    Error.stackTraceLimit = limit;
    const frames = captureCallSite(2);
    expect(Error.stackTraceLimit).toBe(limit);
    expect(frames).toHaveLength(2);
  });
});

describe('an application with its own Error.prepareStackTrace', () => {
  test.each<[string, unknown]>([
    ['call sites', []],
    ['nothing', undefined],
  ])('that returns %s gets an empty call site', (_what, prepared) => {
    const { prepareStackTrace } = Error;
    Error.prepareStackTrace = () => prepared;
    const frames = captureCallSite(3);
    Error.prepareStackTrace = prepareStackTrace;
    expect(frames).toEqual([]);
  });

  test('that throws gets an empty call site, and keeps its stack trace limit', () => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    Error.prepareStackTrace = () => {
      throw new Error('No.');
    };
    const frames = captureCallSite(3);
    Error.prepareStackTrace = prepareStackTrace;
    expect([frames, Error.stackTraceLimit]).toEqual([[], stackTraceLimit]);
  });
});

test('a frame of Bun without a position is left out', () => {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = () => 'Error\n    at unknown\n    at main (/app/orders.js:3:5)';
  const frames = captureCallSite(3);
  Error.prepareStackTrace = prepareStackTrace;
  expect(frames).toEqual(['main (/app/orders.js:3:5)']);
});

describe('an application without Error.captureStackTrace', () => {
  test('gets an empty call site', () => {
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
    let captured = { whole: '', frames: [] as readonly string[] };
    events.on('shutdown', () => void (captured = { whole: wholeStack(), frames: captureCallSite(20) }));
    emitEvent(events, 'shutdown', {} as ShutdownReport);
    expect(captured.whole).toContain('src/core/emitter.ts');
    expect(captured.frames.join()).not.toContain('src/core/emitter.ts');
    expect(captured.frames.join()).toContain(THIS_FILE);
  });

  test('of Node', () => {
    const emitter = new EventEmitter();
    let captured = { whole: '', frames: [] as readonly string[] };
    emitter.on('open', () => void (captured = { whole: wholeStack(), frames: captureCallSite(20) }));
    emitter.emit('open');
    expect(captured.whole).toContain('node:events');
    expect(captured.frames.join()).not.toContain('node:');
    expect(captured.frames[1]).toContain(THIS_FILE);
  });

  test.each(['ioredis', 'ioredis5'])('of %s', (name) => {
    let captured = { whole: '', frames: [] as readonly string[] };
    function Connector(): void {
      captured = { whole: wholeStack(), frames: captureCallSite(20) };
    }
    const { Redis } = createRequire(import.meta.url)(name) as { Redis: new (options: object) => object };
    expect(new Redis({ lazyConnect: true, Connector })).toBeInstanceOf(Redis);
    expect(captured.whole).toContain(`${name}/built/`);
    expect(captured.frames.join()).not.toContain(`${name}/built/`);
    expect(captured.frames[1]).toContain(THIS_FILE);
  });

  test('of up to twelve callers in between, and still has as many frames as requested', () => {
    const emitter = new EventEmitter();
    let captured = { whole: '', frames: [] as readonly string[] };
    for (let step = 1; step < 12; step += 1) emitter.on(`${step}`, emitter.emit.bind(emitter, `${step + 1}`));
    emitter.on('12', () => void (captured = { whole: wholeStack(), frames: captureCallSite(3) }));
    atDepth(5, () => emitter.emit('1'));
    expect(captured.whole.match(/node:events/g)).toHaveLength(12);
    expect(captured.frames).toHaveLength(3);
  });
});

describe('the call site of a connection that a public function opens', () => {
  const open = openedByCaller(openOrder);

  function application(): readonly string[] {
    return open(1);
  }

  test('begins at its caller, whatever functions are between', () => {
    expect(application()[0]).toMatch(/^application \(/);
    expect(handleRequest(1)[0]).toMatch(/^openOrder \(/);
  });

  test('begins at the innermost of several calls', () => {
    const outer = openedByCaller(() => [application(), captureCallSite(1)]);
    function otherApplication() {
      return outer();
    }
    const [inner, own] = otherApplication();
    expect(inner?.[0]).toMatch(/^application \(/);
    expect(own?.[0]).toMatch(/^otherApplication \(/);
  });

  test('is not that of a call which threw', () => {
    const fail = openedByCaller(() => {
      throw new Error('refused');
    });
    expect(fail).toThrow('refused');
    expect(handleRequest(1)[0]).toMatch(/^openOrder \(/);
  });
});
