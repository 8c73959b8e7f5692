import { describe, expect, test } from 'vitest';
import { acknowledged, createHealthCheckHarness } from '../../support/unit/liveness/health-check-harness.js';

describe('a handshake', () => {
  test('without an answer is stale after its own timeout when the peer acknowledges bytes', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    setState(acknowledged);
    const { log, target } = watch({}, 'handshake');
    target.expected = 'answer';
    await clock.advance(60_000);
    expect(log).toEqual(['10000 stale handshake 10000']);
  });

  test('whose bytes are not acknowledged is stale because the peer is gone', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log, target } = watch({}, 'handshake');
    target.expected = 'answer';
    await clock.advance(60_000);
    expect(log).toEqual(['10000 stale kernel 10000']);
  });

  test('has a timeout that may be shorter or longer than the interval', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    setState(acknowledged);
    const [short, long] = [
      watch({ handshakeTimeoutMs: 1_000 }, 'handshake'),
      watch({ handshakeTimeoutMs: 60_000 }, 'handshake'),
    ];
    [short, long].forEach(({ target }) => (target.expected = 'answer'));
    await clock.advance(100_000);
    expect(short.log).toEqual(['1000 stale handshake 1000']);
    expect(long.log).toEqual(['60000 stale handshake 60000']);
  });

  test('has a timeout that counts from the last byte: a server that answers step by step is not stale', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    setState(acknowledged);
    const { log, target } = watch({}, 'handshake');
    for (let count = 0; count < 5; count += 1) {
      target.send('answer');
      await clock.advance(9_000);
      target.receive();
      await clock.advance(500);
    }
    target.send('answer');
    await clock.advance(9_500);
    expect(log).toEqual([]);
    await clock.advance(500);
    expect(log).toEqual(['57500 stale handshake 10000']);
  });

  test('that expects nothing may take any time: the server loads its data, and is asked again later', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    setState(acknowledged);
    const { log, target } = watch({}, 'handshake');
    target.expected = 'nothing';
    await clock.advance(600_000);
    expect(log).toEqual([]);
    target.send('answer');
    await clock.advance(9_500);
    expect(log).toEqual([]);
    await clock.advance(500);
    expect(log).toEqual(['610000 stale handshake 10000']);
  });

  test('whose answers come byte by byte is reported once, and not stale', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    setState(acknowledged);
    const { log, target } = watch({}, 'handshake');
    target.send('answer');
    for (let count = 0; count < 200; count += 1) {
      await clock.advance(1_000);
      target.read += 1;
    }
    expect(log).toEqual(['11500 slow handshake 10000']);
  });

  test('whose server loads its data is not slow: each of its answers comes in time', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    setState(acknowledged);
    const { log, target } = watch({}, 'handshake');
    for (let count = 0; count < 60; count += 1) {
      target.send('answer');
      await clock.advance(600);
      target.receive();
      await clock.advance(600);
    }
    expect(log).toEqual([]);
  });

  test('of a library’s client is over once data is expected: from then on only the kernel state makes it stale', async () => {
    const { clock, watch, readTcpStates } = createHealthCheckHarness();
    const { log, target } = watch({}, 'handshake');
    target.send('answer');
    await clock.advance(9_000);
    target.receive();
    target.expected = 'data';
    await clock.advance(30_000);
    expect(readTcpStates).toHaveBeenCalledOnce();
    expect(log).toEqual([expect.stringContaining('stale kernel')]);
  });

  test('is followed by regular health checks', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log, target, healthCheck } = watch({}, 'handshake');
    target.send('answer');
    await clock.advance(1_000);
    target.receive();
    healthCheck.onReady();
    await clock.advance(20_500);
    expect(log).toEqual(['16000 ping', '21000 stale kernel 19500']);
  });

  test('that is reported as done twice does not change a check in progress', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log, healthCheck } = watch({}, 'handshake');
    healthCheck.onReady();
    await clock.advance(16_000);
    healthCheck.onReady();
    await clock.advance(3_500);
    expect(log).toEqual(['14500 ping', '19500 stale kernel 19500']);
  });

  test('in which the event loop was blocked is not stale', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log, target } = watch({}, 'handshake');
    target.expected = 'answer';
    await clock.advance(5_000);
    clock.block(20_000);
    await clock.advance(600);
    target.receive();
    await clock.advance(5_000);
    expect(log).toEqual([]);
  });
});
