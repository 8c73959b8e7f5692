import { describe, expect, test } from 'vitest';
import { type Fleet, parseLive } from '../../../../src/doctor/fleet/fleet.js';
import { limitOf } from '../../../../src/doctor/fleet/fleet-budget.js';
import { thrown } from '../../../support/unit/thrown.js';

const target = (name: string, maxclients?: number) => ({ name, maxclients, reserve: undefined });

const fleet = (...names: string[]): Fleet => ({ targets: names.map((name) => target(name)), services: [] });

describe('a server on the command line', () => {
  test.each([
    ['redis://u:p=x@host:1/0?a=b', 'redis://u:p=x@host:1/0?a=b'],
    ['host:6379', 'host:6379'],
    ['/run/a=b.sock', '/run/a=b.sock'],
    ['main=redis://u:p=x@host', 'redis://u:p=x@host'],
    ['main=/run/a=b.sock', '/run/a=b.sock'],
    [undefined, undefined],
  ])('%s is of the only target', (text, url) => {
    expect(parseLive(text, fleet('main'))).toEqual({ target: target('main'), url });
  });

  test('must say which of several it is', () => {
    expect(parseLive('queue=host', fleet('main', 'queue'))).toEqual({ target: target('queue'), url: 'host' });
    const { message } = thrown('HYG_CLI_USAGE', () => parseLive('host', fleet('main', 'queue')));
    expect(message).toContain('--live main=redis://host');
  });

  test('must be of one that there is; its password is not repeated', () => {
    const { message } = thrown('HYG_CLI_USAGE', () => parseLive('mian=redis://:secret@host', fleet('main')));
    expect(message).toContain('there are the targets main');
    expect(message).not.toContain('secret');
  });
});

describe('how many clients a target takes', () => {
  const told = (...counts: number[]) => counts.map((maxclients, at) => ({ server: `s${at}`, maxclients }));

  test('says the file, or the server, or both', () => {
    expect(limitOf(target('main', 10), [])).toEqual({ maxclients: 10, differing: [] });
    expect(limitOf(target('main'), told(9))).toEqual({ maxclients: 9, differing: [] });
    expect(limitOf(target('main', 10), told(10, 10))).toEqual({ maxclients: 10, differing: [] });
  });

  test('where they differ, the lower one counts, and it is told', () => {
    expect(limitOf(target('main', 10), told(10, 7))).toEqual({
      maxclients: 7,
      differing: [{ server: 's1', maxclients: 7 }],
    });
    expect(limitOf(target('main', 10), told(12))).toEqual({ maxclients: 10, differing: told(12) });
  });

  test('where nobody says so, nothing can be planned', () => {
    const { message } = thrown('HYG_FLEET_INVALID', () => limitOf(target('main'), []));
    expect(message).toContain('targets.main has no maxclients');
  });
});
