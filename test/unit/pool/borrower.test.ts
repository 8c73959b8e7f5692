import { afterEach, describe, expect, test } from 'vitest';
import { captureCaller, formatBorrower, identifyBorrower } from '../../../src/pool/borrower.js';

const THIS_FILE = /borrower\.test\.ts:\d+:\d+$/;
const lineOf = (location: string) => Number(/:(\d+):\d+$/.exec(location)?.[1]);
const { prepareStackTrace, stackTraceLimit } = Error;

afterEach(() => Object.assign(Error, { prepareStackTrace, stackTraceLimit }));

describe('a borrower with a callback', () => {
  test('is identified by the name and the line of the callback', () => {
    async function work(): Promise<void> {
      await Promise.resolve();
    }
    const anonymous = identifyBorrower(() => undefined);
    expect(anonymous.name).toBe('(anonymous)');
    const borrower = identifyBorrower(work);
    expect(borrower).toMatchObject({ name: 'work', location: expect.stringMatching(THIS_FILE) });
    expect(lineOf(anonymous.location) - lineOf(borrower.location)).toBe(3);
    expect(formatBorrower(borrower)).toBe(`work (${borrower.location})`);
  });

  test('has the line of the source, which stack traces have', () => {
    const [callback, error] = [() => undefined, new Error()];
    const line = /borrower\.test\.ts:(\d+):/.exec(error.stack ?? '')?.[1];
    expect(lineOf(identifyBorrower(callback).location)).toBe(Number(line));
  });

  test.for([
    ['maps', (line: number) => line + 1_000, 1_000],
    ['throws', () => expect.unreachable(), 0],
    ['returns no text', () => ({ toString: () => '' }), 0],
  ] as const)('survives an Error.prepareStackTrace that %s', ([, map, difference]) => {
    const callback = () => undefined;
    Object.assign(Error, { prepareStackTrace: undefined });
    const plain = lineOf(identifyBorrower(callback).location);
    Error.prepareStackTrace = (_, [frame]) =>
      `Error\n    at ${frame?.getFileName() ?? ''}:${String(map(frame?.getLineNumber() ?? 0))}:1`;
    expect(lineOf(identifyBorrower(callback).location) - plain).toBe(difference);
  });

  test('is identified by the target of a bound function, also if it was bound twice', () => {
    function work(): void {
      /* nothing */
    }
    const bound = work.bind(undefined).bind(undefined);
    expect(identifyBorrower(bound)).toMatchObject({
      name: 'bound bound work',
      location: identifyBorrower(work).location,
    });
  });

  test('is identified by a method', () => {
    class Orders {
      load(): void {
        /* nothing */
      }
    }
    const orders = new Orders();
    expect(identifyBorrower(orders.load.bind(orders))).toMatchObject({
      location: expect.stringMatching(THIS_FILE),
    });
  });

  test.for([
    ['a native function', Array.prototype.map],
    ['a proxy', new Proxy(() => undefined, {})],
  ] as const)('has no known location for %s', ([, callback]) => {
    expect(identifyBorrower(callback as () => void).location).toBe('unknown line');
  });
});

describe('a borrower with a call', () => {
  function acquire(): object {
    return captureCaller();
  }

  test('is identified by the calling function and the line of the call', () => {
    function caller(): object {
      return acquire();
    }
    expect(identifyBorrower(caller())).toMatchObject({
      name: 'caller',
      location: expect.stringMatching(THIS_FILE),
    });
    expect(identifyBorrower(acquire()).location).toMatch(THIS_FILE);
  });

  test.for<readonly [string, () => unknown]>([
    ['an array', () => []],
    ['undefined', () => undefined],
    ['another text', () => 'somewhere'],
  ])('is unknown if the application’s Error.prepareStackTrace returns %s', ([, own]) => {
    Error.prepareStackTrace = own;
    expect(identifyBorrower(acquire()).location).toBe('unknown line');
  });

  test('is captured without changing Error.stackTraceLimit of the application', () => {
    Error.stackTraceLimit = 7;
    acquire();
    expect(Error.stackTraceLimit).toBe(7);
  });
});
