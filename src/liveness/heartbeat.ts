import { type Clock, systemClock } from '../core/clock.js';
import { createKernel, type Kernel, type Testimony } from './kernel.js';
import type { Pace, Patient } from './patient.js';
import { Pulse } from './pulse.js';
import { createRounds, periodOf } from './rounds.js';
import { processWide } from '../core/process-wide.js';

/** Watches connections for silence: one timer for all of them, and none while there are none. */
export interface Heartbeat {
  /** Begins to watch a connection whose socket has just come up. */
  watch(patient: Patient, pace: Pace): Pulse;
  /** Ends it, and gives how long the connection has been silent, in milliseconds. */
  forget(pulse: Pulse): number;
}

export interface HeartbeatPorts {
  readonly clock: Clock;
  readonly kernel: Kernel;
}

/**
 * Looks at every connection in rounds. Nothing is done for a command: whether a connection has spoken is read off
 * its socket's counter.
 */
export function createHeartbeat({ clock, kernel }: HeartbeatPorts): Heartbeat {
  const pulses = new Set<Pulse>();
  /** Those about which the kernel is being asked just now. */
  const asked = new Set<Pulse>();
  const rounds = createRounds(clock, () => {
    const due = [...pulses].filter((pulse) => pulse.look(rounds.now(), clock.random()) && !asked.has(pulse));
    if (due.length > 0) void judge(due);
  });

  /** Reading a file takes a turn of the event loop, in which an answer may still be read: see Pulse.judge. */
  async function judge(due: readonly Pulse[]): Promise<void> {
    due.forEach((pulse) => asked.add(pulse));
    const testimonies = await kernel(due.map(({ patient }) => patient.flow()));
    due.forEach((pulse, index) => {
      asked.delete(pulse);
      if (pulses.has(pulse)) pulse.judge(testimonies[index] as Testimony, rounds.now(), clock.random());
    });
  }

  return {
    watch(patient, pace) {
      rounds.join(periodOf(pace));
      const pulse = new Pulse(patient, pace, rounds.now(), clock.random());
      pulses.add(pulse);
      return pulse;
    },
    forget(pulse) {
      if (pulses.delete(pulse)) rounds.leave(periodOf(pulse.pace));
      return pulse.silentMs(rounds.now());
    },
  };
}

/** The one heartbeat of this process, for all factories. */
export const processHeartbeat = processWide('heartbeat', () =>
  createHeartbeat({ clock: systemClock, kernel: createKernel() }),
);
