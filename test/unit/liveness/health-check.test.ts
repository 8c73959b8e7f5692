import { describe, expect, test } from 'vitest';
import { staleCauses } from '../../../src/liveness/health-check-target.js';
import {
  acknowledged,
  createHealthCheckHarness,
  unacknowledged,
  resentOnce,
  unreadable,
} from '../../support/unit/liveness/health-check-harness.js';

describe('a PING without an answer', () => {
  test('is stale once, after the deadline, when the kernel resends it in vain', async () => {
    const { clock, watch, readTcpStates } = createHealthCheckHarness();
    const { log, target } = watch();
    await clock.advance(19_499);
    expect(readTcpStates).not.toHaveBeenCalled();
    await clock.advance(60_000);
    expect(log).toEqual(['14500 ping', '19500 stale kernel 19500']);
    expect(readTcpStates.mock.calls).toEqual([[[target.ends]]]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is stale when a second state shows the same unacknowledged bytes, which were resent once', async () => {
    const { clock, watch, setState, readTcpStates } = createHealthCheckHarness();
    const { log } = watch();
    setState({ kind: 'unacknowledged', bytes: 14, timesResent: 1 });
    await clock.advance(60_000);
    expect(log).toEqual(['14500 ping', '20000 stale kernel 20000']);
    expect(readTcpStates).toHaveBeenCalledTimes(2);
  });

  test('is not stale while its bytes were not resent: the round trip is longer than the deadline', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    setState({ kind: 'unacknowledged', bytes: 14, timesResent: 0 });
    await clock.advance(22_000);
    target.receive();
    await clock.advance(5_000);
    expect(log).toEqual(['14500 ping']);
  });

  test('is not stale while the unacknowledged bytes grow fewer, or more bytes are written', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    target.send('answer');
    for (let bytes = 60_000; bytes > 0; bytes -= 500) {
      setState({ kind: 'unacknowledged', bytes, timesResent: bytes % 2 });
      await clock.advance(500);
    }
    setState(resentOnce);
    for (let count = 0; count < 20; count += 1) {
      target.written += 1;
      await clock.advance(5_000);
    }
    expect(log).toEqual([]);
    await clock.advance(10_000);
    expect(log).toEqual([expect.stringContaining('stale kernel')]);
  });

  test('is not stale for bytes that were written just before the kernel was asked', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    await clock.advance(19_000);
    target.written += 30; // the PING is acknowledged, but not this command of the last moment
    setState({ kind: 'unacknowledged', bytes: 30, timesResent: 0 });
    await clock.advance(1_500);
    target.receive();
    await clock.advance(10_000);
    expect(log).toEqual(['14500 ping']);
  });

  test('is not stale while the kernel takes more of a long command, although as many bytes are on their way', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    target.send('answer');
    setState({ kind: 'unacknowledged', bytes: 2_500_000, timesResent: 1 });
    for (let queued = 50; queued > 0; queued -= 1) {
      target.queued = queued;
      await clock.advance(2_000);
    }
    expect(log).toEqual([]);
    await clock.advance(40_000);
    expect(log).toEqual([expect.stringContaining('stale kernel')]);
  });

  test('is stale by the deadline alone when the kernel state cannot be read, which is reported', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log } = watch();
    setState({ kind: 'unreadable', why: 'ENOENT' });
    await clock.advance(60_000);
    expect(log).toEqual(['14500 ping', '19500 unreadable ENOENT', '19500 stale deadline 19500']);
  });

  test('is stalled when the peer has acknowledged it, which is reported once, and recovers with the duration', async () => {
    const { clock, watch, setState, readTcpStates } = createHealthCheckHarness();
    const { log, target } = watch();
    setState(acknowledged);
    await clock.advance(45_200);
    target.receive();
    await clock.advance(14_000);
    expect(log).toEqual(['14500 ping', '19500 stalled 19500', '45500 recovered 26000']);
    expect(readTcpStates).toHaveBeenCalledTimes(6); // at 19.5 s, and at each deadline after that
  });

  test('is stale when a stalled server exceeds the stall limit', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log } = watch();
    setState(acknowledged);
    await clock.advance(200_000);
    expect(log).toEqual(['14500 ping', '19500 stalled 19500', '79500 stale stall-limit 79500']);
  });

  test('is stale as soon as a stalled peer no longer acknowledges bytes', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log } = watch();
    setState(acknowledged);
    await clock.advance(30_000);
    setState(unacknowledged);
    await clock.advance(30_000);
    expect(log).toEqual(['14500 ping', '19500 stalled 19500', '34500 stale kernel 34500']);
  });

  test('may stall again after it has recovered', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    setState(acknowledged);
    await clock.advance(20_000);
    target.receive();
    await clock.advance(20_500);
    expect(log.slice(2)).toEqual(['20500 recovered 1000', '35000 ping', '40000 stalled 19500']);
    await clock.advance(59_000);
    expect(log).toHaveLength(5); // the limit counts from the second stall on
    await clock.advance(500);
    expect(log.at(-1)).toBe('100000 stale stall-limit 79500');
  });
});

describe('a command in flight', () => {
  test('is checked without a PING', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log, target } = watch();
    target.send('answer');
    await clock.advance(60_000);
    expect(target.ping).not.toHaveBeenCalled();
    expect(log).toEqual(['19500 stale kernel 19500']);
  });

  test('that a busy server acknowledges is stalled, and recovers with the answer', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    setState(acknowledged);
    target.send('answer');
    await clock.advance(20_100);
    target.receive();
    await clock.advance(400);
    expect(log).toEqual(['19500 stalled 19500', '20500 recovered 1000']);
  });

  test('that is answered within the deadline causes no report', async () => {
    const { clock, watch, readTcpStates } = createHealthCheckHarness();
    const { log, target } = watch();
    target.send('answer');
    await clock.advance(19_499);
    target.receive();
    await clock.advance(10_000);
    expect(log).toEqual([]);
    expect(readTcpStates).not.toHaveBeenCalled();
  });
});

test('a PING that could not be sent is sent again, and the connection is not stale', async () => {
  const { clock, watch, setState } = createHealthCheckHarness();
  const { log, target } = watch();
  setState(unreadable);
  target.ping.mockImplementation(() => undefined);
  await clock.advance(20_000);
  expect(target.ping).toHaveBeenCalledTimes(2);
  expect(log).toEqual(['19500 unreadable EIO']);
});

describe('the time of silence', () => {
  test('is returned when a connection is unwatched', async () => {
    const { clock, healthChecks, watch } = createHealthCheckHarness();
    const { target, healthCheck } = watch();
    await clock.advance(3_000);
    target.receive();
    await clock.advance(2_500);
    expect(healthChecks.unwatch(healthCheck)).toBe(2_000);
  });

  test('of a connection starts when it begins to be watched', async () => {
    const { clock, healthChecks, watch } = createHealthCheckHarness();
    watch();
    await clock.advance(10_000);
    const { healthCheck, log } = watch();
    await clock.advance(14_000);
    expect(log).toEqual([]);
    expect(healthChecks.unwatch(healthCheck)).toBe(14_000);
  });
});

test('every stale cause is explained', () => {
  expect(Object.keys(staleCauses)).toEqual(['kernel', 'deadline', 'keepalive', 'handshake', 'stall-limit']);
});

describe('a long command that is being sent', () => {
  test('is a sign of life while the kernel takes more of it', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    setState(acknowledged);
    target.send('answer');
    target.queued = 50_000_000;
    for (let count = 0; count < 600; count += 1) {
      await clock.advance(500);
      target.queued -= 50_000;
    }
    expect(log).toEqual([]);
  });

  test('stalls when the kernel takes nothing more, and recovers when it does again', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    setState(acknowledged);
    target.send('answer');
    target.queued = 1_000;
    await clock.advance(25_000);
    target.queued += 1_000; // more bytes are written, and the kernel does not take them either
    await clock.advance(10_000);
    target.queued = 500;
    await clock.advance(5_000);
    expect(log).toEqual(['19500 stalled 19500', '39500 recovered 20000']);
  });
});
