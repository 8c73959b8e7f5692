import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SentCommand } from '../../../src/connect/ioredis/command-replies.js';
import { SessionState } from '../../../src/pool/session-state.js';

const defaults = { name: 'orders@web-1#pool', db: 2 };

/** A command whose promise nobody reads. The test calls `resolve` or `reject` as ioredis does with its reply. */
function command(name: string, ...args: readonly unknown[]): SentCommand {
  return { name, args, resolve: () => undefined, reject: () => undefined };
}

/** Sends a line such as `watch k`, whose reply is OK, or the one behind an arrow: `multi x -> ERR wrong`. */
function send(state: SessionState, line: string): { reply(): void } {
  const [words = '', given = 'OK'] = line.split(' -> ');
  const [name = '', ...args] = words.split(' ');
  const sent = command(name, ...args);
  state.record(sent);
  return {
    reply() {
      if (/^(OK|QUEUED)$/.test(given)) sent.resolve(Buffer.from(given));
      else sent.reject(new Error(given));
    },
  };
}

function stateAfter(...lines: readonly string[]): SessionState {
  const state = new SessionState(defaults);
  for (const line of lines) send(state, line).reply();
  return state;
}

const NO_MULTI = 'ERR EXEC without MULTI';
const NO_MULTI_TO_DISCARD = 'ERR DISCARD without MULTI';
const WRONG_NUMBER = 'ERR wrong number of arguments';

const nothing: readonly string[] = [];

describe('the state that a borrower leaves', () => {
  test.for<readonly [commands: readonly string[], resetCommands: readonly string[] | undefined]>([
    [['get k'], nothing],
    [['multi'], ['discard']],
    [['MULTI', 'set k 1'], ['discard']],
    [['multi', 'set k 1', 'exec'], nothing],
    [['multi', 'discard'], nothing],
    [['multi', `EXEC now -> ${WRONG_NUMBER}`], ['discard']],
    [['multi', 'EXEC now -> EXECABORT Transaction discarded because of: wrong number'], nothing],
    [['multi', `discard all -> ${WRONG_NUMBER}`], ['discard']],
    [['multi', 'discard -> NOPERM no permissions'], ['discard']],
    [['watch k'], ['unwatch']],
    [['watch k', 'UNWATCH'], nothing],
    [['watch k', `unwatch k -> ${WRONG_NUMBER}`], ['unwatch']],
    [['watch k', 'multi', 'exec'], nothing],
    // The server refuses EXEC and DISCARD here, so the WATCH stays.
    [['watch k', `exec -> ${NO_MULTI}`], ['unwatch']],
    [['watch k', `discard -> ${NO_MULTI_TO_DISCARD}`], ['unwatch']],
    [['watch k', 'multi', 'discard', `discard -> ${NO_MULTI_TO_DISCARD}`], nothing],
    [['multi', 'exec', 'watch k', `exec -> ${NO_MULTI}`], ['unwatch']],
    [['watch k', `multi x -> ${WRONG_NUMBER}`], ['unwatch']],
    [['watch k', `multi x -> ${WRONG_NUMBER}`, `exec -> ${NO_MULTI}`], ['unwatch']],
    [['multi', 'multi -> ERR MULTI calls can not be nested'], ['discard']],
    [['multi', 'watch k -> ERR WATCH inside MULTI is not allowed', 'exec'], nothing],
    [['watch k', 'watch l -> CROSSSLOT Keys'], ['unwatch']],
    [['watch k', 'multi', 'nosuch -> ERR unknown', 'exec -> EXECABORT Transaction discarded'], nothing],
    [['multi', 'exec -> Command timed out'], ['discard']],
    [
      ['watch k', 'multi', 'unwatch -> QUEUED'],
      ['discard', 'unwatch'],
    ],
    [['select 3'], ['select 2']],
    [['select 2'], nothing],
    [['select 3', 'select 2'], nothing],
    [['select 3', `select 2 again -> ${WRONG_NUMBER}`], ['select 2']],
    [['select 99 -> ERR DB index is out of range'], nothing],
    [['multi', 'select 3 -> QUEUED', 'exec'], ['select 2']],
    // A queued command may never run, so SELECT of the default within a transaction resets nothing.
    [['select 3', 'multi', 'select 2 -> QUEUED', 'exec'], ['select 2']],
    [['client setname mine'], ['client setname orders@web-1#pool']],
    [['CLIENT SETNAME mine', 'client setname orders@web-1#pool'], nothing],
    [[`client setname -> ${WRONG_NUMBER}`], nothing],
    [['client tracking on bcast'], ['client tracking off']],
    [['client tracking on', 'client tracking OFF'], nothing],
    [['client tracking on', 'client tracking off more -> ERR syntax error'], ['client tracking off']],
    [['client tracking on -> ERR RESP3 is needed', 'client no-evict on -> NOPERM'], nothing],
    [['subscribe c -> NOPERM', 'reset -> NOPERM', 'auth x -> WRONGPASS', 'readonly -> ERR'], nothing],
    // The error may be the reply to a later command.
    [['client reply skip -> ERR unknown command'], undefined],
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
      .map((line): [string[], undefined] => [[line], undefined]),
  ])('after %j is reset by %j', ([commands, resetCommands]) => {
    const state = stateAfter(...commands);
    expect(state.resetCommands()?.map((words) => words.join(' '))).toEqual(resetCommands);
    expect(state.isClean).toBe(resetCommands?.length === 0);
  });

  test('is read from buffers and numbers as from text', () => {
    const state = new SessionState(defaults);
    state.record(command('client', Buffer.from('setname'), Buffer.from('mine')));
    state.record(command('select', 2));
    expect(state.resetCommands()).toEqual([['client', 'setname', defaults.name]]);
  });

  test('is kept while replies are missing, and taken back when they refuse it', async () => {
    const state = new SessionState(defaults);
    const [watch, multi] = [send(state, 'watch k'), send(state, `multi x -> ${WRONG_NUMBER}`)];
    expect(state.resetCommands()).toEqual([['discard'], ['unwatch']]);
    const answered = state.whenAnswered();
    watch.reply();
    multi.reply();
    await answered;
    expect(state.resetCommands()).toEqual([['unwatch']]);
  });

  test('is not removed by the reply to a command that was sent before', () => {
    const state = new SessionState(defaults);
    const unwatch = send(state, 'unwatch');
    send(state, 'watch k').reply();
    unwatch.reply();
    expect(state.resetCommands()).toEqual([['unwatch']]);
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
        for (const [name = '', ...args] of lines) state.record(command(name, ...args));
        expect(state.isClean).toBe(state.resetCommands()?.length === 0);
      }),
    );
  });
});
