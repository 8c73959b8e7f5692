import { systemClock } from '../../core/clock.js';
import { Gate, type GatePorts } from './gate.js';
import { createProbe } from './probe.js';
import { processWide } from '../../core/process-wide.js';

/** The gates of a process, one for each server. */
export interface Gates {
  /** The gate of the server with this address. */
  to(server: string): Gate;
}

export function createGates(ports: GatePorts): Gates {
  const gates = new Map<string, Gate>();

  /** Servers come and go: what nobody needs is dropped when another one comes. */
  function dropForgettable(): void {
    for (const [server, gate] of gates) if (gate.isForgettable) gates.delete(server);
  }

  return {
    to(server) {
      const known = gates.get(server);
      if (known) return known;
      dropForgettable();
      const gate = new Gate(ports);
      gates.set(server, gate);
      return gate;
    },
  };
}

/** Those of this process, for all factories: a server counts the sockets of all of them. */
export const processGates = processWide('gates', () =>
  createGates({ clock: systemClock, probe: createProbe(systemClock) }),
);
