import type { FullServerProbe, ProbeResult } from '../../../../src/connect/dial/full-server.js';
import { vi } from 'vitest';
import { DialAttempt, type SaturationReport } from '../../../../src/connect/dial/dial-attempt.js';
import { createDialLimiters } from '../../../../src/connect/dial/dial-limiter.js';
import { dialTargetOf } from '../../../../src/connect/dial/dial-target.js';
import type { HygieneError } from '../../../../src/core/errors.js';
import { createFakeClock } from '../fake-clock.js';
import { facts } from '../ledger/fake-handle.js';
import { FakeSocket } from './fake-socket.js';
import { createOwner } from './managed-connection-harness.js';

export const SERVER = dialTargetOf({ host: 'a', port: 1 });
/** Reply of a full server. */
export const FULL = '-ERR max number of clients reached\r\n';

/** Dials of one factory, and the reports that it receives. */
export function createDialAttemptHarness(probeResult: ProbeResult = 'available') {
  const clock = createFakeClock();
  const probe = vi.fn<FullServerProbe>(() => Promise.resolve(probeResult));
  const dialLimiters = createDialLimiters({ clock, probe });
  const reports: SaturationReport[] = [];
  const errors: HygieneError[] = [];
  const ports = {
    ...{ clock, dialLimiters, maxConnecting: 1, handshakeTimeoutMs: 10_000 },
    onSaturated: (report: SaturationReport) => void reports.push(report),
  };
  /** Requests a dial. `dial()` attaches the socket once the dial was admitted. */
  function requestDial(target = SERVER, isLibrary = false) {
    const owner = isLibrary ? undefined : createOwner();
    const requester = {
      ...{ facts, owner, dialAttempt: undefined as DialAttempt | undefined },
      ...{ terms: {}, wasCutOff: false, hasSkippedDelay: false },
      unansweredDial: undefined as DialAttempt | undefined,
      report: (error: HygieneError) => void errors.push(error),
    };
    function attempt() {
      const dialAttempt = new DialAttempt(ports, requester, target);
      requester.dialAttempt = dialAttempt;
      const decision = dialAttempt.acquire();
      const dial = (socket = new FakeSocket()) => {
        dialAttempt.watchSocket(socket.asSocket());
        // as ManagedConnection does
        socket.on('close', () => requester.dialAttempt?.onSocketClosed(socket.asSocket()));
        return socket;
      };
      return { dialAttempt, decision, dial };
    }
    /** Dials again with the same client. */
    const redial = () => attempt().dial();
    return { ...attempt(), requester, owner, redial };
  }
  return { clock, probe, reports, errors, requestDial };
}
