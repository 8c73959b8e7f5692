import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type SentCommand, SessionState } from '../../../src/pool/session-state.js';

const defaults = { name: 'orders@web-1#pool', db: 2 };

function stateAfter(...lines: readonly string[]): SessionState {
  const state = new SessionState(defaults);
  for (const line of lines) {
    const [name = '', ...args] = line.split(' ');
    state.record({ name, args } satisfies SentCommand);
  }
  return state;
}

const nothing: readonly string[] = [];

describe('the state that a borrower leaves', () => {
  test.for<readonly [commands: readonly string[], resetCommands: readonly string[] | undefined]>([
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
    // The server refuses EXEC and DISCARD here, so the WATCH stays.
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
    // A queued command may never run, so SELECT of the default within a transaction resets nothing.
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
  ])('after %j is reset by %j', ([commands, resetCommands]) => {
    const state = stateAfter(...commands);
    expect(state.resetCommands()?.map((words) => words.join(' '))).toEqual(resetCommands);
    expect(state.isClean).toBe(resetCommands?.length === 0);
  });

  test('is read from buffers and numbers as from text', () => {
    const state = new SessionState(defaults);
    state.record({ name: 'client', args: [Buffer.from('setname'), Buffer.from('mine')] });
    state.record({ name: 'select', args: [2] });
    expect(state.resetCommands()).toEqual([['client', 'setname', defaults.name]]);
  });

  test('is empty after clear()', () => {
    const state = stateAfter('select 3', 'multi');
    expect(state.lastCommand).toBe('multi');
    state.clear();
    expect([state.isClean, state.lastCommand, state.resetCommands()]).toEqual([true, undefined, []]);
  });

  test('is consistent after any commands', () => {
    const word = fc.oneof(fc.string(), fc.constantFrom('client', 'multi', 'exec', 'select', '', '0', 'off'));
    fc.assert(
      fc.property(fc.array(fc.array(word, { minLength: 1 })), (lines) => {
        const state = new SessionState(defaults);
        for (const [name = '', ...args] of lines) state.record({ name, args });
        expect(state.isClean).toBe(state.resetCommands()?.length === 0);
      }),
    );
  });
});
