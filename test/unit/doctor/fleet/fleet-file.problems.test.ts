import { describe, expect, test } from 'vitest';
import { parseFleet } from '../../../../src/doctor/fleet/fleet-file.js';
import { thrown } from '../../../support/unit/thrown.js';

/** The problems of a file that is rejected. */
function problems(text: string): string[] {
  const { details, message } = thrown('HYG_FLEET_INVALID', () => parseFleet(text, 'fleet.yaml'));
  const list = details['problems'] as string[];
  for (const problem of list) expect(message).toContain(problem);
  return list;
}

describe('a mistake is reported with its line and column', () => {
  const problemsOfService = (service: string, targets = '{ main: { maxclients: 100 } }') =>
    problems(`targets: ${targets}\nservices:\n  orders: ${service}`);
  const TWO_TARGETS = '{ main: { maxclients: 100 }, queue: { maxclients: 100 } }';

  test.each([
    [
      '{ replicas: twelve, connections: 1 }',
      '3:13 services.orders.replicas: expected a whole number of at least 0, got "twelve"',
    ],
    [
      '{ replicas: 1.5, connections: 1 }',
      '3:13 services.orders.replicas: expected a whole number of at least 0, got 1.5',
    ],
    [
      '{ replicas: -1, connections: 1 }',
      '3:13 services.orders.replicas: expected a whole number of at least 0, got -1',
    ],
    [
      '{ connections: 1 }',
      '3:3 services.orders.replicas: expected a whole number of at least 0, got nothing',
    ],
    [
      '{ replicas: 1, connections: 0 }',
      '3:26 services.orders.connections: expected a whole number of at least 1, got 0',
    ],
    ['{ replicas: 1 }', '3:3 services.orders: needs connections or pools'],
    ['{ replicas: 1, connections: 1, pools: [1] }', '3:3 services.orders: has both connections and pools'],
    [
      '{ replicas: 1, connections: 1, connections-outside-pools: 1 }',
      '3:42 services.orders.connections-outside-pools: is only allowed with pools',
    ],
    [
      '{ replicas: 1, pools: 10 }',
      '3:26 services.orders.pools: expected a list of whole numbers such as [10, 5], got 10',
    ],
    [
      '{ replicas: 1, pools: [] }',
      '3:26 services.orders.pools: expected a list of whole numbers such as [10, 5], got a list',
    ],
    [
      '{ replicas: 1, pools: [10, many] }',
      '3:38 services.orders.pools.1: expected a whole number of at least 1, got "many"',
    ],
    [
      '{ replicas: 1, connections: 1, surge: 25 percent }',
      '3:42 services.orders.surge: expected a whole number or a percentage such as 25%, got "25 percent"',
    ],
    [
      '{ replicas: 1, connections: 1, surge: 5000% }',
      '3:42 services.orders.surge: expected a whole number or a percentage such as 25%, got "5000%"',
    ],
    [
      '{ replicas: 1, connections: 1, processes: 0 }',
      '3:42 services.orders.processes: expected a whole number of at least 1, got 0',
    ],
    [
      '{ replicas: 1, connections: 1, target: mian }',
      '3:42 services.orders.target: no such target; the targets are main',
    ],
    [
      '{ replicas: 1, connection: 1 }',
      '3:26 services.orders.connection: unknown key; did you mean connections?',
    ],
    ['[1]', '3:3 services.orders: expected a mapping, got a list'],
  ])('%s', (service, problem) => {
    expect(problemsOfService(service)).toContain(`fleet.yaml:${problem}`);
  });

  test('a service must name one of several targets', () => {
    expect(problemsOfService('{ replicas: 1, connections: 1 }', TWO_TARGETS)).toEqual([
      'fleet.yaml:3:3 services.orders: needs target, because the file has several targets',
    ]);
  });

  test('two services must not have the same name in connection names', () => {
    const text = 'targets: { main: }\nservices:\n  a b: &x { replicas: 1, connections: 1 }\n  a-b: *x';
    expect(problems(text)).toEqual([
      'fleet.yaml:4:3 services.a-b: has the same name as a b in connection names: a-b',
    ]);
  });

  test('target and targets exclude each other', () => {
    const service = '{ replicas: 1, connections: 1, target: main, targets: { other: { connections: 1 } } }';
    expect(problemsOfService(service, TWO_TARGETS)).toEqual([
      'fleet.yaml:3:42 services.orders.target: move it under each of targets',
      'fleet.yaml:3:26 services.orders.connections: move it under each of targets',
      'fleet.yaml:3:67 services.orders.targets.other: no such target; the targets are main, queue',
    ]);
  });

  test.each([
    ['{ maxclients: 0 }', '1:19 targets.main.maxclients: expected a whole number of at least 1, got 0'],
    ['{ maxclients: 100, reserve: 100 }', '1:36 targets.main.reserve: leaves no room for any connection'],
    ['{ maxclients: 100, reserve: 100% }', '1:36 targets.main.reserve: leaves no room for any connection'],
    ['{ max-clients: 100 }', '1:19 targets.main.max-clients: unknown key; did you mean maxclients?'],
    ['{ url: x }', '1:19 targets.main.url: unknown key; the known keys are maxclients, reserve'],
    ['many', '1:11 targets.main: expected a mapping, got "many"'],
  ])('in the target %s', (target, problem) => {
    const text = `targets: {main: ${target}}\nservices: { orders: { replicas: 1, connections: 1 } }`;
    expect(problems(text)).toEqual([`fleet.yaml:${problem}`]);
  });

  test.each([
    ['', 'fleet.yaml:1:1 expected a mapping, got nothing'],
    ['- a', 'fleet.yaml:1:1 expected a mapping, got a list'],
    ['targets: {}\nservices: {}', 'fleet.yaml:1:1 targets: is empty'],
    ['targets: { a: }', 'fleet.yaml:1:1 services: expected a mapping, got nothing'],
    [
      'targets: { 1: }\nservices: {a: {replicas: 1, connections: 1}}',
      'fleet.yaml:1:12 targets.1: put the name 1 in quotes',
    ],
    ['target: { a: }', 'fleet.yaml:1:1 target: unknown key; did you mean targets?'],
  ])('in the file %j', (text, problem) => {
    expect(problems(text)).toContain(problem);
  });

  test('all mistakes are reported at once, and at most twenty of them in the message', () => {
    const services = Array.from({ length: 30 }, (_, index) => `  s${index}: { replicas: x, connections: 1 }`);
    const text = ['targets: { main: { maxclients: 1000 } }', 'services:', ...services].join('\n');
    const { message, details } = thrown('HYG_FLEET_INVALID', () => parseFleet(text, 'fleet.yaml'));
    expect(details['problems']).toHaveLength(30);
    expect(message.split('\n').filter((line) => line.startsWith('fleet.yaml:'))).toHaveLength(20);
    expect(message).toContain('… and 10 more');
  });
});
