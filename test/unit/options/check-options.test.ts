import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkInteger, checkOptionNames, optionTypeError } from '../../../src/options/check-options.js';
import { MARK, rawSecrets, shownBy } from '../../support/unit/secret.js';
import { thrown } from '../../support/unit/thrown.js';

const bounds = { min: 10, max: 20, unit: 'ms' };

describe('checkInteger', () => {
  test.each([10, 15, 20])('returns %i, which is within the bounds', (value) => {
    expect(checkInteger('size', value, bounds)).toBe(value);
  });

  test.each([9, 21, -15, 10.5, Infinity, -Infinity])('refuses %d and names the bounds', (value) => {
    const error = thrown('HYG_OPTION_RANGE', () => checkInteger('size', value, bounds));
    expect(error.message).toContain(`Option "size" is ${value}, expected a whole number from 10 to 20 ms.`);
    expect(error.details).toEqual({ option: 'size', value, min: 10, max: 20 });
  });

  test.each([
    ['15', 'the string "15"'],
    [NaN, 'NaN'],
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [{ a: 1 }, 'of type object'],
    [15n, 'of type bigint'],
  ])('refuses %s, which is not a number', (value, described) => {
    const error = thrown('HYG_OPTION_TYPE', () => checkInteger('size', value, bounds));
    expect(error.message).toContain(
      `Option "size" is ${described}, expected a whole number from 10 to 20 ms.`,
    );
  });

  test('omits the unit if there is none', () => {
    const error = thrown('HYG_OPTION_RANGE', () => checkInteger('db', -1, { min: 0, max: 5 }));
    expect(error.message).toContain('from 0 to 5.');
  });
});

describe('checkOptionNames', () => {
  const known = ['service', 'host', 'keepAliveMs', 'DBIndex', 'timeoutMs'];

  test('accepts known names, even with the value undefined', () => {
    expect(() => checkOptionNames('here', { service: 'a', host: undefined }, known)).not.toThrow();
  });

  test.each([
    ['keepAlive', 'Unknown option "keepAlive" of here, did you mean "keepAliveMs"?'],
    ['KEEPALIVEms', 'Unknown option "KEEPALIVEms" of here, did you mean "keepAliveMs"?'],
    ['keepIdle', 'Unknown option "keepIdle" of here, did you mean "keepAliveMs"?'],
    ['dbindex', 'Unknown option "dbindex" of here, did you mean "DBIndex"?'],
    ['timeout', 'Unknown option "timeout" of here, did you mean "timeoutMs"?'],
    [
      'colour',
      'Unknown option "colour" of here, expected one of: service, host, keepAliveMs, DBIndex, timeoutMs.',
    ],
  ])('refuses %s and suggests a known name', (name, message) => {
    const error = thrown('HYG_OPTION_UNKNOWN', () =>
      checkOptionNames('here', { service: 'a', [name]: 1 }, known),
    );
    expect(error.message).toContain(message);
    expect(error.details).toEqual({ option: name, known });
  });
});

describe('optionTypeError', () => {
  test('has the option and the expected type in its details, but not the value', () => {
    expect(optionTypeError('x', 'five', 'a number').details).toEqual({
      option: 'x',
      expected: 'a number',
    });
  });

  test('never contains the value of an object or a function', () => {
    expect(shownBy(optionTypeError('x', { a: MARK }, 'a string'))).not.toContain(MARK);
    expect(shownBy(optionTypeError('x', () => MARK, 'a string'))).toContain(
      'is of type function, expected a string.',
    );
  });

  test('contains a short numeric string, but no longer string', () => {
    expect(optionTypeError('x', '5000', 'a number').message).toContain(
      'is the string "5000", expected a number.',
    );
    const { message } = optionTypeError('x', 'a'.repeat(1_000), 'a number');
    expect(message).toContain('is a string, expected a number.');
    expect(message).not.toContain('aa');
  });

  test('never contains the password of a misplaced URL, however long it is', () => {
    const passwords = fc.tuple(rawSecrets, fc.nat(60)).map(([secret, more]) => secret + 'x'.repeat(more));
    fc.assert(
      fc.property(passwords, (password) => {
        expect(
          shownBy(optionTypeError('keepAliveMs', `redis://user:${password}@h`, 'a number')),
        ).not.toContain(MARK);
      }),
    );
  });
});
