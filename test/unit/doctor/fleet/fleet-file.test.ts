import { describe, expect, test } from 'vitest';
import { parseFleet, readFleetFile } from '../../../../src/doctor/fleet/fleet-file.js';
import { thrown } from '../../../support/unit/thrown.js';

const FLEET = `
targets:
  main: { maxclients: 10000, reserve: 200 }
  queue: { maxclients: 1000, reserve: 5% }
services:
  orders: { replicas: 12, connections: 100, target: main }
  mails: { replicas: 4, pools: [10, 5], connections-outside-pools: 2, surge: 1, target: queue }
  search:
    replicas: 3
    processes: 2
    surge: 100%
    targets:
      main: { connections: 20 }
      queue: { pools: [8] }
`;

/** The problems of a file that is rejected. */
function problems(text: string): string[] {
  const { details, message } = thrown('HYG_FLEET_INVALID', () => parseFleet(text, 'fleet.yaml'));
  const list = details['problems'] as string[];
  for (const problem of list) expect(message).toContain(problem);
  return list;
}

test('a fleet file is read', () => {
  expect(parseFleet(FLEET, 'fleet.yaml')).toEqual({
    targets: [
      { name: 'main', maxclients: 10_000, reserve: { count: 200 } },
      { name: 'queue', maxclients: 1_000, reserve: { percent: 5 } },
    ],
    services: [
      {
        name: 'orders',
        replicas: 12,
        processes: 1,
        surge: { percent: 25 },
        uses: [{ target: 'main', connections: 100 }],
      },
      {
        name: 'mails',
        replicas: 4,
        processes: 1,
        surge: { count: 1 },
        uses: [{ target: 'queue', connections: 17 }],
      },
      {
        name: 'search',
        replicas: 3,
        processes: 2,
        surge: { percent: 100 },
        uses: [
          { target: 'main', connections: 20 },
          { target: 'queue', connections: 8 },
        ],
      },
    ],
  });
});

test('a single target needs no settings, and services need not name it', () => {
  const { targets, services } = parseFleet(
    'targets: { main: }\nservices: { orders: { replicas: 1, connections: 3 } }',
    'fleet.yaml',
  );
  expect(targets).toEqual([{ name: 'main', maxclients: undefined, reserve: undefined }]);
  expect(services[0]?.uses).toEqual([{ target: 'main', connections: 3 }]);
});

test('anchors and merge keys are supported', () => {
  const text = `
targets: { main: { maxclients: 100 } }
services:
  orders: &web { replicas: 2, connections: 5 }
  mails: { <<: *web, replicas: 3 }
`;
  const { services } = parseFleet(text, 'fleet.yaml');
  expect(services.map(({ replicas, uses }) => [replicas, uses[0]?.connections])).toEqual([
    [2, 5],
    [3, 5],
  ]);
});

describe('invalid YAML is rejected', () => {
  test.each([
    ['a: [', /^fleet\.yaml:1:5 /],
    ['a: 1\na: 2', /^fleet\.yaml:2:1 Map keys must be unique/],
    ['a: 1\n---\nb: 2', /^fleet\.yaml:2:1 /],
    ['a: *nobody', /[Uu]nresolved alias/],
  ])('%j', (text, problem) => {
    expect(problems(text)[0]).toMatch(problem);
  });

  test('aliases that expand without bound', () => {
    const lines = Array.from({ length: 20 }, (_, at) => {
      const before = at === 0 ? 'x' : `*a${at - 1}`;
      return `a${at}: &a${at} [${Array.from({ length: 10 }, () => before).join(', ')}]`;
    });
    expect(problems(lines.join('\n'))[0]).toMatch(/alias/i);
  });
});

test('a file that cannot be read is reported', async () => {
  await expect(readFleetFile('/nowhere/fleet.yaml')).rejects.toMatchObject({ code: 'HYG_CLI_FILE' });
});
