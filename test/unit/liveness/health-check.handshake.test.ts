import { describe, expect, test } from 'vitest';
import { acknowledged, createHeartbeatBench } from '../../support/unit/liveness/health-check-harness.js';

describe('a handshake', () => {
  test('without an answer is stale after its own limit, where the peer acknowledges', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    says(acknowledged);
    const { story, patient } = watch({}, 'handshake');
    patient.expected = 'answer';
    await clock.advance(60_000);
    expect(story).toEqual(['10000 stale handshake 10000']);
  });

  test('whose bytes are not acknowledged has lost its peer', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story, patient } = watch({}, 'handshake');
    patient.expected = 'answer';
    await clock.advance(60_000);
    expect(story).toEqual(['10000 stale kernel 10000']);
  });

  test('has a limit that may be below, or above, the interval', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    says(acknowledged);
    const [short, long] = [
      watch({ handshakeTimeoutMs: 1_000 }, 'handshake'),
      watch({ handshakeTimeoutMs: 60_000 }, 'handshake'),
    ];
    [short, long].forEach(({ patient }) => (patient.expected = 'answer'));
    await clock.advance(100_000);
    expect(short.story).toEqual(['1000 stale handshake 1000']);
    expect(long.story).toEqual(['60000 stale handshake 60000']);
  });

  test('counts from the last byte: a server that answers step by step is not frozen', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    says(acknowledged);
    const { story, patient } = watch({}, 'handshake');
    for (let each = 0; each < 5; each += 1) {
      patient.sends('answer');
      await clock.advance(9_000);
      patient.speaks();
      await clock.advance(500);
    }
    patient.sends('answer');
    await clock.advance(9_500);
    expect(story).toEqual([]);
    await clock.advance(500);
    expect(story).toEqual(['57500 stale handshake 10000']);
  });

  test('that expects nothing waits: the server loads its data, and is asked again later', async () => {
    const { clock, watch, says } = createHeartbeatBench();
    says(acknowledged);
    const { story, patient } = watch({}, 'handshake');
    patient.expected = 'nothing';
    await clock.advance(600_000);
    expect(story).toEqual([]);
    patient.sends('answer');
    await clock.advance(9_500);
    expect(story).toEqual([]);
    await clock.advance(500);
    expect(story).toEqual(['610000 stale handshake 10000']);
  });

  test('of a library’s client is done when it expects data: then the kernel alone decides', async () => {
    const { clock, watch, kernel } = createHeartbeatBench();
    const { story, patient } = watch({}, 'handshake');
    patient.sends('answer');
    await clock.advance(9_000);
    patient.speaks();
    patient.expected = 'data';
    await clock.advance(30_000);
    expect(kernel).toHaveBeenCalledOnce();
    expect(story).toEqual([expect.stringContaining('stale kernel')]);
  });

  test('that is done makes it a connection like any other', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story, patient, pulse } = watch({}, 'handshake');
    patient.sends('answer');
    await clock.advance(1_000);
    patient.speaks();
    pulse.ready();
    await clock.advance(20_500);
    expect(story).toEqual(['16000 ping', '21000 stale kernel 19500']);
  });

  test('that is done is not done again: a second word changes nothing of what is being waited for', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story, pulse } = watch({}, 'handshake');
    pulse.ready();
    await clock.advance(16_000);
    pulse.ready();
    await clock.advance(3_500);
    expect(story).toEqual(['14500 ping', '19500 stale kernel 19500']);
  });

  test('in which the event loop was blocked is not stale', async () => {
    const { clock, watch } = createHeartbeatBench();
    const { story, patient } = watch({}, 'handshake');
    patient.expected = 'answer';
    await clock.advance(5_000);
    clock.block(20_000);
    await clock.advance(600);
    patient.speaks();
    await clock.advance(5_000);
    expect(story).toEqual([]);
  });
});
