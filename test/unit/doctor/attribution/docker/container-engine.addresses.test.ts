import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { engineAddresses } from '../../../../../src/doctor/attribution/docker/container-engine.js';
import { thrown } from '../../../../support/unit/thrown.js';

const labels = (host: string | undefined, env: NodeJS.ProcessEnv) =>
  engineAddresses(host, env).map(({ label }) => label);

test('the given host is preferred to DOCKER_HOST, and DOCKER_HOST to the usual sockets', () => {
  const env = { DOCKER_HOST: 'unix:///two.sock' };
  expect(labels('unix:///one.sock', env)).toEqual(['/one.sock']);
  expect(labels(undefined, env)).toEqual(['/two.sock']);
  expect(labels(undefined, { DOCKER_HOST: '' })).toContain('/var/run/docker.sock');
});

test('the sockets of Docker are tried before those of Podman', () => {
  expect(labels(undefined, { XDG_RUNTIME_DIR: '/run/user/1000' })).toEqual([
    '/var/run/docker.sock',
    '/run/user/1000/docker.sock',
    `${homedir()}/.docker/run/docker.sock`,
    '/run/user/1000/podman/podman.sock',
    '/run/podman/podman.sock',
  ]);
  expect(labels(undefined, {})).toHaveLength(3);
});

test.each([
  ['unix:///a b/100%#?.sock', { socketPath: '/a b/100%#?.sock' }],
  ['tcp://127.0.0.1:2376', { host: '127.0.0.1', port: 2376 }],
  ['tcp://engine', { host: 'engine', port: 2375 }],
  ['http://engine:80', { host: 'engine', port: 80 }],
  ['tcp://[fd00::1]:2375', { host: 'fd00::1', port: 2375 }],
])('%s is accepted', (host, target) => {
  expect(engineAddresses(host, {})[0]?.target).toEqual(target);
});

test.each([
  'ssh://root@engine',
  'https://engine:2376',
  'npipe:////./pipe/docker_engine',
  'docker.sock',
  'unix://',
  'unix://docker.sock',
  'tcp://',
])('%s is rejected with the accepted forms', (host) => {
  const error = thrown('HYG_ATTRIBUTION_SOURCE', () => engineAddresses(host, {}));
  expect(error.message).toContain('expected unix:///path/to/the.sock, tcp://host:port or http://host:port');
});

test('a password in a rejected host is not repeated', () => {
  const error = thrown('HYG_ATTRIBUTION_SOURCE', () => engineAddresses('ssh://root:hunter2@engine', {}));
  expect(error.message + JSON.stringify(error.details)).not.toContain('hunter2');
});
