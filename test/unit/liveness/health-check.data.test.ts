import { describe, expect, test } from 'vitest';
import {
  acknowledged,
  createHeartbeatBench,
  unacknowledged,
} from '../../support/unit/liveness/health-check-harness.js';

describe('a connection that waits for data', () => {
  test('and has written nothing is never pinged, and the kernel is not asked', async () => {
    const { clock, watch, kernel } = createHeartbeatBench();
    const { story, patient } = watch();
    patient.expected = 'data';
    await clock.advance(600_000);
    expect(story).toEqual([]);
    expect(kernel).not.toHaveBeenCalled();
  });

  test('is stale where its bytes are sent again', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story, patient } = watch();
    patient.sends('data');
    await clock.advance(60_000);
    expect(story).toEqual(['19500 stale kernel 19500']);
  });

  test.each([acknowledged])(
    'is kept where the kernel says %j, and asked about once for the bytes it has written',
    async (testimony) => {
      const { clock, watch, says, kernel } = createHeartbeatBench();
      const { story, patient } = watch();
      says(testimony);
      patient.sends('data');
      await clock.advance(600_000);
      expect(story).toEqual([]);
      expect(kernel).toHaveBeenCalledOnce();
      patient.sends('data');
      await clock.advance(600_000);
      expect(kernel).toHaveBeenCalledTimes(2);
      says(unacknowledged);
      await clock.advance(600_000);
      expect(story).toEqual([]);
    },
  );

  test('is kept where the kernel cannot be read, and that is told once for the bytes it has written', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story, patient } = watch();
    says({ kind: 'unreadable', why: 'EACCES' });
    patient.sends('data');
    await clock.advance(600_000);
    expect(story).toEqual(['19500 unreadable EACCES']);
  });

  test('is asked about bytes that are written after a long silence', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story, patient } = watch();
    patient.expected = 'data';
    await clock.advance(100_000);
    patient.sends('data');
    await clock.advance(5_500);
    expect(story).toEqual(['105500 stale kernel 105500']);
  });

  test('is asked again about bytes that were written within the deadline, just before the kernel was asked', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story, patient } = watch();
    says(acknowledged); // the first bytes have arrived; the next ones are not sent again yet
    patient.sends('data');
    await clock.advance(19_400);
    patient.sends('data');
    await clock.advance(600);
    says(unacknowledged);
    await clock.advance(60_000);
    expect(story).toEqual([expect.stringContaining('stale kernel')]);
  });

  test('is asked again about bytes that were written while the kernel was being asked', async () => {
    const { clock, watch, says, kernel } = createHeartbeatBench();
    const { story, patient } = watch();
    patient.sends('data');
    kernel.mockImplementationOnce(async (flows) => {
      await clock.advance(0);
      patient.sends('data');
      return flows.map(() => acknowledged);
    });
    says(unacknowledged);
    await clock.advance(60_000);
    expect(story).toEqual([expect.stringContaining('stale kernel')]);
  });

  test('and goes on to wait for an answer is watched for that', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story, patient } = watch();
    says(acknowledged);
    patient.sends('data');
    await clock.advance(60_000);
    patient.sends('answer');
    await clock.advance(5_500);
    expect(story).toEqual(['65500 stalled 65500']);
  });

  test('and was told to wait no more is pinged', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story, patient } = watch();
    says(acknowledged);
    patient.sends('data');
    await clock.advance(60_000);
    patient.speaks();
    await clock.advance(15_000);
    expect(story).toEqual(['75000 ping']);
  });
});
