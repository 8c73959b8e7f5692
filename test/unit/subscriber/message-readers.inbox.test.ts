import { describe, expect, test, vi } from 'vitest';
import { BoundedInbox, type InboxOptions } from '../../../src/subscriber/message-readers.js';
import { stateOf } from '../../support/unit/subscriber/subscription-engine-harness.js';

function createInbox(options: Partial<InboxOptions> = {}) {
  const [onOverflow, onLeave] = [vi.fn(), vi.fn()];
  const inbox = new BoundedInbox<string>({ limit: 3, drop: 'oldest', onOverflow, onLeave, ...options });
  return { inbox, onOverflow, onLeave };
}

function push(inbox: BoundedInbox<string>, ...messages: string[]): void {
  messages.forEach((message) => inbox.push(message));
}

const value = (message: string) => ({ done: false, value: message });
const DONE = { done: true, value: undefined };

test('messages are read in order, whether they were buffered or awaited', async () => {
  const { inbox } = createInbox();
  push(inbox, '1', '2');
  expect([await inbox.next(), await inbox.next()]).toEqual([value('1'), value('2')]);
  const [third, fourth] = [inbox.next(), inbox.next()];
  expect(await stateOf(third)).toBe('pending');
  push(inbox, '3', '4', '5');
  expect([await third, await fourth, await inbox.next()]).toEqual([value('3'), value('4'), value('5')]);
  expect(inbox.dropped).toBe(0);
});

test('an empty message is a message', async () => {
  const { inbox } = createInbox();
  push(inbox, '');
  expect(await inbox.next()).toEqual(value(''));
});

describe('a reader that is too slow', () => {
  test.each([
    ['oldest', ['3', '4', '5']],
    ['newest', ['1', '2', '3']],
  ] as const)('keeps the limit and loses the %s', async (drop, kept) => {
    const { inbox } = createInbox({ drop });
    push(inbox, '1', '2', '3');
    expect(inbox.dropped).toBe(0);
    push(inbox, '4', '5');
    expect(inbox.dropped).toBe(2);
    inbox.finish();
    const read: string[] = [];
    for await (const message of inbox) read.push(message);
    expect(read).toEqual(kept);
  });

  test('is reported once until it has caught up', async () => {
    const { inbox, onOverflow } = createInbox({ limit: 2 });
    push(inbox, '1', '2');
    expect(onOverflow).toHaveBeenCalledTimes(0);
    push(inbox, '3', '4');
    expect(onOverflow).toHaveBeenCalledTimes(1);
    await inbox.next(); // one message is still buffered, so the reader has not caught up
    push(inbox, '5', '6');
    expect([onOverflow.mock.calls.length, inbox.dropped]).toEqual([1, 3]);
    await inbox.next();
    await inbox.next();
    push(inbox, '7', '8', '9');
    expect([onOverflow.mock.calls.length, inbox.dropped]).toEqual([2, 4]);
  });

  test('is reported after the count of dropped messages was raised', () => {
    const counts: number[] = [];
    const { inbox } = createInbox({ limit: 1, onOverflow: () => counts.push(inbox.dropped) });
    push(inbox, '1', '2');
    expect(counts).toEqual([1]);
  });
});

describe('after finish()', () => {
  test('buffered messages are read, then the loop ends', async () => {
    const { inbox, onLeave } = createInbox();
    push(inbox, '1');
    inbox.finish();
    push(inbox, '2');
    expect([await inbox.next(), await inbox.next(), await inbox.next()]).toEqual([value('1'), DONE, DONE]);
    expect(onLeave).not.toHaveBeenCalled();
  });

  test('buffered messages are read, then the error is thrown once', async () => {
    const { inbox } = createInbox();
    push(inbox, '1');
    inbox.finish(new Error('no'));
    inbox.finish(new Error('again'));
    expect(await inbox.next()).toEqual(value('1'));
    await expect(inbox.next()).rejects.toThrow('no');
    expect(await inbox.next()).toEqual(DONE);
  });

  test('the first of several pending reads gets the error', async () => {
    const { inbox } = createInbox();
    const waiting = [inbox.next(), inbox.next(), inbox.next()];
    inbox.finish(new Error('no'));
    const states = await Promise.all(waiting.map((read) => stateOf(read)));
    expect(states).toEqual(['Error: no', 'resolved', 'resolved']);
    expect(await inbox.next()).toEqual(DONE);
  });
});

describe('a reader that leaves', () => {
  test('calls onLeave once, gets no more messages, and settles pending reads', async () => {
    const { inbox, onLeave } = createInbox();
    const waiting = [inbox.next(), inbox.next()];
    push(inbox, '1');
    expect(await inbox.return()).toEqual(DONE);
    expect(await inbox.return()).toEqual(DONE);
    expect(onLeave).toHaveBeenCalledTimes(1);
    push(inbox, '2');
    expect(await Promise.all(waiting)).toEqual([value('1'), DONE]);
    expect(await inbox.next()).toEqual(DONE);
  });

  test('discards buffered messages', async () => {
    const { inbox } = createInbox();
    push(inbox, '1', '2');
    await inbox.return();
    expect(await inbox.next()).toEqual(DONE);
  });

  test('after finish() does not call onLeave and gets no error', async () => {
    const { inbox, onLeave } = createInbox();
    inbox.finish(new Error('no'));
    await inbox.return();
    expect(onLeave).not.toHaveBeenCalled();
    expect(await inbox.next()).toEqual(DONE);
  });

  test('calls onLeave when its loop breaks', async () => {
    const { inbox, onLeave } = createInbox();
    push(inbox, '1', '2');
    for await (const message of inbox) {
      expect(message).toBe('1');
      break;
    }
    expect(onLeave).toHaveBeenCalledTimes(1);
  });
});
