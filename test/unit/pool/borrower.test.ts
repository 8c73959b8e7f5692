import { afterEach, describe, expect, test } from 'vitest';
import { captureCaller, describe as tell, identify } from '../../../src/pool/borrower.js';

const HERE = /borrower\.test\.ts:\d+:\d+$/;
const lineOf = (site: string) => Number(/:(\d+):\d+$/.exec(site)?.[1]);
const { prepareStackTrace, stackTraceLimit } = Error;

afterEach(() => Object.assign(Error, { prepareStackTrace, stackTraceLimit }));

describe('who borrows with a callback', () => {
  test('is its name and its line', () => {
    async function work(): Promise<void> {
      await Promise.resolve();
    }
    const before = identify(() => undefined);
    expect(before.name).toBe('(anonymous)');
    const borrower = identify(work);
    expect(borrower).toMatchObject({ name: 'work', site: expect.stringMatching(HERE) });
    expect(lineOf(before.site) - lineOf(borrower.site)).toBe(3);
    expect(tell(borrower)).toBe(`work (${borrower.site})`);
  });

  test('is the target of a bound function, however often it was bound', () => {
    function work(): void {
      /* nothing */
    }
    const bound = work.bind(undefined).bind(undefined);
    expect(identify(bound)).toMatchObject({ name: 'bound bound work', site: identify(work).site });
  });

  test('is a method', () => {
    class Orders {
      load(): void {
        /* nothing */
      }
    }
    const orders = new Orders();
    expect(identify(orders.load.bind(orders))).toMatchObject({ site: expect.stringMatching(HERE) });
  });

  test.for([
    ['a native one', Array.prototype.map],
    ['a proxy', new Proxy(() => undefined, {})],
  ] as const)('is not known of %s', ([, native]) => {
    expect(identify(native as () => void).site).toBe('unknown line');
  });
});

describe('who borrows with a call', () => {
  function acquire(): object {
    return captureCaller();
  }

  test('is the caller, at the line of the call', () => {
    function caller(): object {
      return acquire();
    }
    expect(identify(caller())).toMatchObject({ name: 'caller', site: expect.stringMatching(HERE) });
    expect(identify(acquire()).site).toMatch(HERE);
  });

  test.for<readonly [string, () => unknown]>([
    ['gives no text', () => []],
    ['gives nothing', () => undefined],
    ['gives another text', () => 'somewhere'],
  ])('may be unknown where Error.prepareStackTrace of the application %s', ([, own]) => {
    Error.prepareStackTrace = own;
    expect(identify(acquire()).site).toBe('unknown line');
  });

  test('leaves the application its own limit of frames', () => {
    Error.stackTraceLimit = 7;
    acquire();
    expect(Error.stackTraceLimit).toBe(7);
  });
});
