import { describe, expect, test } from 'vitest';
import {
  acknowledged,
  createHealthCheckHarness,
  unacknowledged,
} from '../../support/unit/liveness/health-check-harness.js';

describe('a connection that waits for data', () => {
  test('and has written nothing is never pinged, and its kernel state is not read', async () => {
    const { clock, watch, readTcpStates } = createHealthCheckHarness();
    const { log, target } = watch();
    target.expected = 'data';
    await clock.advance(600_000);
    expect(log).toEqual([]);
    expect(readTcpStates).not.toHaveBeenCalled();
  });

  test('is stale when its bytes are resent in vain', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log, target } = watch();
    target.send('data');
    await clock.advance(60_000);
    expect(log).toEqual(['19500 stale kernel 19500']);
  });

  test.each([acknowledged])(
    'is kept when its kernel state is %j, which is read once for the bytes that were written',
    async (state) => {
      const { clock, watch, setState, readTcpStates } = createHealthCheckHarness();
      const { log, target } = watch();
      setState(state);
      target.send('data');
      await clock.advance(600_000);
      expect(log).toEqual([]);
      expect(readTcpStates).toHaveBeenCalledOnce();
      target.send('data');
      await clock.advance(600_000);
      expect(readTcpStates).toHaveBeenCalledTimes(2);
      setState(unacknowledged);
      await clock.advance(600_000);
      expect(log).toEqual([]);
    },
  );

  test('is kept when its kernel state cannot be read, which is reported once for the bytes that were written', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    setState({ kind: 'unreadable', why: 'EACCES' });
    target.send('data');
    await clock.advance(600_000);
    expect(log).toEqual(['19500 unreadable EACCES']);
  });

  test('has its kernel state read for bytes that are written after a long silence', async () => {
    const { clock, watch } = createHealthCheckHarness();
    const { log, target } = watch();
    target.expected = 'data';
    await clock.advance(100_000);
    target.send('data');
    await clock.advance(5_500);
    expect(log).toEqual(['105500 stale kernel 105500']);
  });

  test('has its kernel state read again for bytes that were written within the deadline, just before the first read', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    setState(acknowledged); // the first bytes have arrived; the next ones are not resent yet
    target.send('data');
    await clock.advance(19_400);
    target.send('data');
    await clock.advance(600);
    setState(unacknowledged);
    await clock.advance(60_000);
    expect(log).toEqual([expect.stringContaining('stale kernel')]);
  });

  test('has its kernel state read again for bytes that were written while the state was being read', async () => {
    const { clock, watch, setState, readTcpStates } = createHealthCheckHarness();
    const { log, target } = watch();
    target.send('data');
    readTcpStates.mockImplementationOnce(async (flows) => {
      await clock.advance(0);
      target.send('data');
      return flows.map(() => acknowledged);
    });
    setState(unacknowledged);
    await clock.advance(60_000);
    expect(log).toEqual([expect.stringContaining('stale kernel')]);
  });

  test('and then waits for an answer stalls without that answer', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    setState(acknowledged);
    target.send('data');
    await clock.advance(60_000);
    target.send('answer');
    await clock.advance(5_500);
    expect(log).toEqual(['65500 stalled 65500']);
  });

  test('and then waits for nothing is pinged', async () => {
    const { clock, watch, setState } = createHealthCheckHarness();
    const { log, target } = watch();
    setState(acknowledged);
    target.send('data');
    await clock.advance(60_000);
    target.receive();
    await clock.advance(15_000);
    expect(log).toEqual(['75000 ping']);
  });
});
