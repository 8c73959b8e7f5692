import { describe, expect, test } from 'vitest';
import {
  checkChannels,
  checkMessagesOptions,
  checkSubscriberOptions,
  type GivenNames,
  type MessagesOptions,
  type SubscriberOptions,
} from '../../../src/subscriber/subscriber-options.js';
import { thrown } from '../../support/unit/thrown.js';

describe('names', () => {
  test.each<[GivenNames, string[]]>([
    [['a'], ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [
      [['a', 'b'], 'c'],
      ['a', 'b', 'c'],
    ],
    [[''], ['']],
  ])('%j are checked and flattened to %j', (given, names) => {
    expect(checkChannels('channels', given)).toEqual(names);
  });

  test.each([[[]], [[[]]], [[[], []]]])('%j is rejected, because it contains no name', (given) => {
    const error = thrown('HYG_OPTION_TYPE', () => checkChannels('channels', given));
    expect(error.message).toMatch(/^No channels were given, expected at least one\./);
    expect(error.details).toEqual({ option: 'channels' });
  });

  test.each<[unknown[], string]>([
    [[undefined], 'undefined'],
    [[null], 'null'],
    [[['a', 7]], '7'],
    [['a', [['b']]], 'an array'],
    [['a', new Uint16Array(1)], 'of type object'],
    [['a', () => undefined], 'of type function'],
  ])('%j is rejected, because it contains something else than text and bytes', (given, shown) => {
    const error = thrown('HYG_OPTION_TYPE', () => checkChannels('patterns', given as string[]));
    expect(error.message).toContain(
      `Option "patterns" is ${shown}, expected names, each of them a string or a Buffer.`,
    );
  });
});

describe('options of messages()', () => {
  test('have defaults', () => {
    const defaults = { kind: 'channel', encoding: 'utf8', limit: 1_000, drop: 'oldest' };
    expect(checkMessagesOptions({})).toEqual(defaults);
    expect(checkMessagesOptions({ kind: undefined, limit: undefined })).toEqual(defaults);
  });

  test.each<MessagesOptions>([
    { kind: 'pattern', encoding: 'buffer', limit: 1, drop: 'newest' },
    { kind: 'shard', encoding: 'utf8', limit: 1_000_000, drop: 'oldest' },
    { kind: 'channel', encoding: 'utf8', limit: 2, drop: 'oldest' },
  ])('may be %j', (options) => {
    expect(checkMessagesOptions(options)).toEqual(options);
  });

  test.each([
    ['kind', 'channels', '"channel" or "pattern" or "shard"'],
    ['encoding', 'binary', '"utf8" or "buffer"'],
    ['drop', 'none', '"oldest" or "newest"'],
    ['drop', null, '"oldest" or "newest"'],
    ['limit', '10', 'a whole number from 1 to 1000000'],
  ])('%s may not be %j', (option, value, expected) => {
    const error = thrown('HYG_OPTION_TYPE', () => checkMessagesOptions({ [option]: value }));
    expect(error.message).toContain(`Option "${option}" is `);
    expect(error.message).toContain(`expected ${expected}.`);
  });

  test.each([0, -1, 1.5, 1_000_001, Infinity])('limit may not be %d', (limit) => {
    thrown('HYG_OPTION_RANGE', () => checkMessagesOptions({ limit }));
  });

  test('of an unknown name are rejected', () => {
    const error = thrown('HYG_OPTION_UNKNOWN', () => checkMessagesOptions({ limits: 3 } as object));
    expect(error.message).toContain('Unknown option "limits" of messages(), did you mean "limit"?');
  });
});

describe('options of subscriber()', () => {
  test.each<SubscriberOptions>([
    {},
    { role: 'cache' },
    { connection: 'redis://localhost' },
    { connection: { db: 1 } },
  ])('may be %j', (options) => {
    expect(checkSubscriberOptions(options)).toEqual(options);
  });

  test.each(['', 7, null, {}])('role may not be %j', (role) => {
    const error = thrown('HYG_OPTION_TYPE', () => checkSubscriberOptions({ role } as SubscriberOptions));
    expect(error.message).toMatch(/Option "role" is .*, expected a non-empty string\./);
  });

  test('of an unknown name are rejected', () => {
    const error = thrown('HYG_OPTION_UNKNOWN', () => checkSubscriberOptions({ channels: ['a'] } as object));
    expect(error.message).toContain('of subscriber()');
  });
});
