import { describe, expect, test } from 'vitest';
import { staleCauses } from '../../../src/liveness/health-check-target.js';
import {
  acknowledged,
  createHeartbeatBench,
  unacknowledged,
  resentOnce,
  unreadable,
} from '../../support/unit/liveness/health-check-harness.js';

describe('a PING without an answer', () => {
  test('is stale where the kernel sends it again: found once, after the deadline', async () => {
    const { clock, watch, kernel } = createHeartbeatBench();
    const { story, patient } = watch();
    await clock.advance(19_499);
    expect(kernel).not.toHaveBeenCalled();
    await clock.advance(60_000);
    expect(story).toEqual(['14500 ping', '19500 stale kernel 19500']);
    expect(kernel.mock.calls).toEqual([[[patient.at]]]);
    expect(clock.pendingTimers()).toBe(0);
  });

  test('is stale when a second look finds the same bytes out, however seldom they were sent again', async () => {
    const { clock, watch, says, kernel } = createHeartbeatBench();
    const { story } = watch();
    says({ kind: 'unacknowledged', bytes: 14, timesResent: 0 });
    await clock.advance(60_000);
    expect(story).toEqual(['14500 ping', '20000 stale kernel 20000']);
    expect(kernel).toHaveBeenCalledTimes(2);
  });

  test('is not stale while the bytes that are out grow fewer, or more are written', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story, patient } = watch();
    patient.sends('answer');
    for (let bytes = 60_000; bytes > 0; bytes -= 500) {
      says({ kind: 'unacknowledged', bytes, timesResent: bytes % 2 });
      await clock.advance(500);
    }
    says(resentOnce);
    for (let each = 0; each < 20; each += 1) {
      patient.written += 1;
      await clock.advance(500);
    }
    expect(story).toEqual([]);
    await clock.advance(1_000);
    expect(story).toEqual([expect.stringContaining('stale kernel')]);
  });

  test('is stale by the deadline alone where the kernel cannot be read, and that is told', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story } = watch();
    says({ kind: 'unreadable', why: 'ENOENT' });
    await clock.advance(60_000);
    expect(story).toEqual(['14500 ping', '19500 unreadable ENOENT', '19500 stale deadline 19500']);
  });

  test('is stalled where the peer has acknowledged it: told once, and recovered with its duration', async () => {
    const { clock, watch, says, kernel } = createHeartbeatBench();
    const { story, patient } = watch();
    says(acknowledged);
    await clock.advance(45_200);
    patient.speaks();
    await clock.advance(14_000);
    expect(story).toEqual(['14500 ping', '19500 stalled 19500', '45500 recovered 26000']);
    expect(kernel).toHaveBeenCalledTimes(6); // at 19.5 s, and with each deadline after that
  });

  test('is stale in the end where a stalled server exceeds the limit', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story } = watch();
    says(acknowledged);
    await clock.advance(200_000);
    expect(story).toEqual(['14500 ping', '19500 stalled 19500', '79500 stale stall-limit 79500']);
  });

  test('is stale as soon as a stalled peer does not acknowledge any more', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story } = watch();
    says(acknowledged);
    await clock.advance(30_000);
    says(unacknowledged);
    await clock.advance(30_000);
    expect(story).toEqual(['14500 ping', '19500 stalled 19500', '34500 stale kernel 34500']);
  });

  test('may stall again after it has recovered', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story, patient } = watch();
    says(acknowledged);
    await clock.advance(20_000);
    patient.speaks();
    await clock.advance(20_500);
    expect(story.slice(2)).toEqual(['20500 recovered 1000', '35000 ping', '40000 stalled 19500']);
    await clock.advance(59_000);
    expect(story).toHaveLength(5); // the limit counts from the second stall on
    await clock.advance(500);
    expect(story.at(-1)).toBe('100000 stale stall-limit 79500');
  });
});

describe('a command in flight', () => {
  test('is watched and not pinged', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story, patient } = watch();
    patient.sends('answer');
    await clock.advance(60_000);
    expect(patient.ping).not.toHaveBeenCalled();
    expect(story).toEqual(['19500 stale kernel 19500']);
  });

  test('that a busy server acknowledges is stalled, and answered in the end', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story, patient } = watch();
    says(acknowledged);
    patient.sends('answer');
    await clock.advance(20_100);
    patient.speaks();
    await clock.advance(400);
    expect(story).toEqual(['19500 stalled 19500', '20500 recovered 1000']);
  });

  test('whose answer comes within the deadline is nothing', async () => {
    const { clock, watch, kernel } = createHeartbeatBench();
    const { story, patient } = watch();
    patient.sends('answer');
    await clock.advance(19_499);
    patient.speaks();
    await clock.advance(10_000);
    expect(story).toEqual([]);
    expect(kernel).not.toHaveBeenCalled();
  });
});

test('a PING that could not be sent is sent again, and nothing is judged', async () => {
  const { clock, watch, says } = createHeartbeatBench();
  const { story, patient } = watch();
  says(unreadable);
  patient.ping.mockImplementation(() => undefined);
  await clock.advance(20_000);
  expect(patient.ping).toHaveBeenCalledTimes(2);
  expect(story).toEqual(['19500 unreadable EIO']);
});

describe('silence', () => {
  test('is told where a connection is forgotten', async () => {
    const { clock, heartbeat, watch } = createHeartbeatBench();
    const { patient, pulse } = watch();
    await clock.advance(3_000);
    patient.speaks();
    await clock.advance(2_500);
    expect(heartbeat.forget(pulse)).toBe(2_000);
  });

  test('of a connection that begins to be watched later begins then', async () => {
    const { clock, heartbeat, watch } = createHeartbeatBench();
    watch();
    await clock.advance(10_000);
    const { pulse, story } = watch();
    await clock.advance(14_000);
    expect(story).toEqual([]);
    expect(heartbeat.forget(pulse)).toBe(14_000);
  });
});

test('every finding is explained', () => {
  expect(Object.keys(staleCauses)).toEqual(['kernel', 'deadline', 'keepalive', 'handshake', 'stall-limit']);
});

describe('a long command on its way', () => {
  test('is a sign of life as long as the kernel takes more of it', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story, patient } = watch();
    says(acknowledged);
    patient.sends('answer');
    patient.queued = 50_000_000;
    for (let each = 0; each < 600; each += 1) {
      await clock.advance(500);
      patient.queued -= 50_000;
    }
    expect(story).toEqual([]);
  });

  test('is none where it stands still, and is one again when it moves', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    const { story, patient } = watch();
    says(acknowledged);
    patient.sends('answer');
    patient.queued = 1_000;
    await clock.advance(25_000);
    patient.queued += 1_000; // more is written, and not taken either
    await clock.advance(10_000);
    patient.queued = 500;
    await clock.advance(5_000);
    expect(story).toEqual(['19500 stalled 19500', '39500 recovered 20000']);
  });
});
