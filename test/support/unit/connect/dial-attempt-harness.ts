import { vi } from 'vitest';
import { dialTargetOf } from '../../../../src/connect/dial/dial-target.js';
import { createDialLimiters } from '../../../../src/connect/dial/dial-limiter.js';
import { DialAttempt, type SaturationReport } from '../../../../src/connect/dial/dial-attempt.js';
import type { Probe, ProbeResult } from '../../../../src/connect/dial/saturation.js';
import type { HygieneError } from '../../../../src/core/errors.js';
import { createFakeClock } from '../fake-clock.js';
import { facts } from '../ledger/fake-handle.js';
import { FakeSocket } from './fake-socket.js';
import { createOwner } from './managed-connection-harness.js';

export const SERVER = dialTargetOf({ host: 'a', port: 1 });
/** What a full server says. */
export const FULL = '-ERR max number of clients reached\r\n';

/** Dials of one factory, and what it is told. */
export function createPassageBench(verdict: ProbeResult = 'room') {
  const clock = createFakeClock();
  const probe = vi.fn<Probe>(() => Promise.resolve(verdict));
  const gates = createDialLimiters({ clock, probe });
  const reports: SaturationReport[] = [];
  const errors: HygieneError[] = [];
  const ports = {
    ...{ clock, gates, connecting: 1, handshakeTimeoutMs: 10_000 },
    onSaturated: (report: SaturationReport) => void reports.push(report),
  };
  function arrive(to = SERVER, isLibrary = false) {
    const owner = isLibrary ? undefined : createOwner();
    const traveller = {
      ...{ facts, owner, passage: undefined as DialAttempt | undefined },
      terms: {},
      report: (error: HygieneError) => void errors.push(error),
    };
    const passage = new DialAttempt(ports, traveller, to);
    traveller.passage = passage;
    const passing = passage.enter();
    const dial = (socket = new FakeSocket()) => {
      passage.watch(socket.asSocket());
      socket.on('close', () => traveller.passage?.closed(socket.asSocket())); // as the link does
      return socket;
    };
    return { passage, passing, traveller, owner, dial };
  }
  return { clock, probe, reports, errors, arrive };
}
