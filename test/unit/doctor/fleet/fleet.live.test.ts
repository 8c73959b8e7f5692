import { describe, expect, test } from 'vitest';
import { type Fleet, parseLiveServer } from '../../../../src/doctor/fleet/fleet.js';
import { targetLimitOf } from '../../../../src/doctor/fleet/fleet-budget.js';
import { thrown } from '../../../support/unit/thrown.js';

const target = (name: string, maxclients?: number) => ({ name, maxclients, reserve: undefined });

const fleet = (...names: string[]): Fleet => ({ targets: names.map((name) => target(name)), services: [] });

describe('--live', () => {
  test.each([
    ['redis://u:p=x@host:1/0?a=b', 'redis://u:p=x@host:1/0?a=b'],
    ['host:6379', 'host:6379'],
    ['/run/a=b.sock', '/run/a=b.sock'],
    ['main=redis://u:p=x@host', 'redis://u:p=x@host'],
    ['main=/run/a=b.sock', '/run/a=b.sock'],
    [undefined, undefined],
  ])('%s belongs to the only target', (text, url) => {
    expect(parseLiveServer(text, fleet('main'))).toEqual({ target: target('main'), url });
  });

  test('needs the name of one of several targets', () => {
    expect(parseLiveServer('queue=host', fleet('main', 'queue'))).toEqual({
      target: target('queue'),
      url: 'host',
    });
    const { message } = thrown('HYG_CLI_USAGE', () => parseLiveServer('host', fleet('main', 'queue')));
    expect(message).toContain('--live main=redis://host');
  });

  test('rejects an unknown target without repeating a password', () => {
    const { message } = thrown('HYG_CLI_USAGE', () =>
      parseLiveServer('mian=redis://:secret@host', fleet('main')),
    );
    expect(message).toContain('the fleet file has no target mian. Its targets are: main.');
    expect(message).not.toContain('secret');
  });
});

describe('the limit of a target', () => {
  const reported = (...counts: number[]) =>
    counts.map((maxclients, index) => ({ server: `s${index}`, maxclients }));

  test('comes from the file, the servers, or both', () => {
    expect(targetLimitOf(target('main', 10), [])).toEqual({ maxclients: 10, differing: [] });
    expect(targetLimitOf(target('main'), reported(9))).toEqual({ maxclients: 9, differing: [] });
    expect(targetLimitOf(target('main', 10), reported(10, 10))).toEqual({ maxclients: 10, differing: [] });
  });

  test('is the lowest value, and differing servers are listed', () => {
    expect(targetLimitOf(target('main', 10), reported(10, 7))).toEqual({
      maxclients: 7,
      differing: [{ server: 's1', maxclients: 7 }],
    });
    expect(targetLimitOf(target('main', 10), reported(12))).toEqual({
      maxclients: 10,
      differing: reported(12),
    });
  });

  test('must be known', () => {
    const { message } = thrown('HYG_FLEET_INVALID', () => targetLimitOf(target('main'), []));
    expect(message).toContain('targets.main has no maxclients');
  });
});
