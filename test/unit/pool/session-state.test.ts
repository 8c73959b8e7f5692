import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SeenCommand, SessionState } from '../../../src/pool/session-state.js';

const home = { name: 'orders@web-1#pool', db: 2 };

function seen(...lines: string[]): SessionState {
  const traces = new SessionState(home);
  for (const line of lines) {
    const [name = '', ...args] = line.split(' ');
    traces.note({ name, args } satisfies SeenCommand);
  }
  return traces;
}

const nothing: readonly string[] = [];

describe('what borrowers leave', () => {
  test.for<readonly [commands: readonly string[], cleaning: readonly string[] | undefined]>([
    [['get k'], nothing],
    [['multi'], ['discard']],
    [['MULTI', 'set k 1'], ['discard']],
    [['multi', 'set k 1', 'exec'], nothing],
    [['multi', 'discard'], nothing],
    [['multi', 'EXEC now'], ['discard']],
    [['multi', 'discard all'], ['discard']],
    [['watch k'], ['unwatch']],
    [['watch k', 'UNWATCH'], nothing],
    [['watch k', 'unwatch k'], ['unwatch']],
    [['watch k', 'multi', 'exec'], nothing],
    // Both are refused, and nobody has ended the WATCH.
    [['watch k', 'exec'], ['unwatch']],
    [['watch k', 'discard'], ['unwatch']],
    [['watch k', 'multi', 'discard', 'discard'], nothing],
    [['multi', 'exec', 'watch k', 'exec'], ['unwatch']],
    [
      ['watch k', 'multi', 'unwatch'],
      ['discard', 'unwatch'],
    ],
    [['select 3'], ['select 2']],
    [['select 2'], nothing],
    [['select 3', 'select 2'], nothing],
    [['select 3', 'select 2 again'], ['select 2']],
    [['multi', 'select 3', 'exec'], ['select 2']],
    // What is queued may never run, so SELECT home within a transaction proves nothing.
    [['select 3', 'multi', 'select 2', 'exec'], ['select 2']],
    [['client setname mine'], ['client setname orders@web-1#pool']],
    [['CLIENT SETNAME mine', 'client setname orders@web-1#pool'], nothing],
    [['client setname'], ['client setname orders@web-1#pool']],
    [['client tracking on bcast'], ['client tracking off']],
    [['client tracking on', 'client tracking OFF'], nothing],
    [['client tracking on', 'client tracking off more'], ['client tracking off']],
    [['client no-evict on'], ['client no-evict off']],
    [['client no-touch on'], ['client no-touch off']],
    [['readonly'], ['readwrite']],
    [['readonly', 'readwrite'], nothing],
    [['client list', 'client id', 'client kill id 3', 'client unblock 3'], nothing],
    [['script load x', 'eval x 0', 'publish c m', 'unsubscribe'], nothing],
    [
      ['watch k', 'select 3', 'client setname x', 'client tracking on', 'multi'],
      ['discard', 'unwatch', 'select 2', 'client setname orders@web-1#pool', 'client tracking off'],
    ],
    ...[
      ['subscribe c', 'psubscribe c', 'ssubscribe c', 'subscribe c', 'client reply off', 'CLIENT REPLY skip'],
      [
        'auth x',
        'hello 3',
        'reset',
        'monitor',
        'sync',
        'psync ? -1',
        'asking',
        'replconf ack 1',
        'himport prepare',
      ],
      ['client caching yes', 'client capa redirect', 'client setinfo lib-name x', 'client import-source on'],
      ['script debug yes'],
    ]
      .flat()
      .map((command): [string[], undefined] => [[command], undefined]),
  ])('%j: %j', ([commands, cleaning]) => {
    const traces = seen(...commands);
    expect(traces.cleaning()?.map((words) => words.join(' '))).toEqual(cleaning);
    expect(traces.isClean).toBe(cleaning?.length === 0);
  });

  test('reads buffers and numbers as the server does', () => {
    const traces = new SessionState(home);
    traces.note({ name: 'client', args: [Buffer.from('setname'), Buffer.from('mine')] });
    traces.note({ name: 'select', args: [2] });
    expect(traces.cleaning()).toEqual([['client', 'setname', home.name]]);
  });

  test('is gone with the borrower', () => {
    const traces = seen('select 3', 'multi');
    expect(traces.last).toBe('multi');
    traces.clear();
    expect([traces.isClean, traces.last, traces.cleaning()]).toEqual([true, undefined, []]);
  });

  test('takes any words', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('client', 'multi', 'exec', 'select', '', '0', 'off'));
    fc.assert(
      fc.property(fc.array(fc.array(word, { minLength: 1 })), (lines) => {
        const traces = new SessionState(home);
        for (const [name = '', ...args] of lines) traces.note({ name, args });
        expect(traces.isClean).toBe(traces.cleaning()?.length === 0);
      }),
    );
  });
});
