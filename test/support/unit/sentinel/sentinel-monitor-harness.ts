import {
  createSentinelMonitor,
  type SentinelMonitorPorts,
} from '../../../../src/sentinel/sentinel-monitor.js';
import type { NodeAddress } from '../../../../src/sentinel/sentinel-replies.js';
import type { MasterListener } from '../../../../src/sentinel/sentinel-watchers.js';

export const at = (port: number, host = 'h'): NodeAddress => ({ host, port });

/** A sentinel as others report it, with an id made of its port. */
export const other = (port: number) => ({ address: at(port), id: `id-${port}` });

/** A monitor whose sentinels are played by the test. */
export function createMonitorBench(
  configured: readonly NodeAddress[],
  ports: Partial<SentinelMonitorPorts> = {},
) {
  const listeners = new Map<string, MasterListener>();
  const votes: unknown[] = [];
  const calls: string[] = [];
  const monitor = createSentinelMonitor({
    name: 'mymaster',
    sentinels: configured,
    maxSentinels: 10,
    mapDiscoveredAddress: (address) => address,
    subscribe({ host, port }, listener) {
      listeners.set(`${host}:${port}`, listener);
      return () => void listeners.delete(`${host}:${port}`);
    },
    onVote: ({ sentinel, master, epoch }, detectedBy) =>
      votes.push([sentinel, master?.port, epoch, detectedBy]),
    onLost: () => calls.push('lost'),
    onSettled: () => calls.push('settled'),
    ...ports,
  });
  const listenerOf = (sentinel: string) => listeners.get(sentinel) as MasterListener;
  return {
    monitor,
    votes,
    calls,
    listenerOf,
    watched: () => [...listeners.keys()],
    /** A watched sentinel reports its id and the ports of the others. */
    report: (sentinel: string, id: string | undefined, others: readonly number[] = []) =>
      listenerOf(sentinel).onReport({ master: at(6379), epoch: 1, id, others: others.map(other) }),
  };
}
