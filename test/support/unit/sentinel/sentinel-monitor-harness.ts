import type { NodeAddress } from '../../../../src/sentinel/sentinel-replies.js';
import {
  createSentinelMonitor,
  type SentinelMonitorPorts,
} from '../../../../src/sentinel/sentinel-monitor.js';
import type { Follower } from '../../../../src/sentinel/sentinel-watchers.js';

export const at = (port: number, host = 'h'): NodeAddress => ({ host, port });

/** A sentinel is told of as its port, and its id is that of its port. */
export const other = (port: number) => ({ address: at(port), id: `id-${port}` });

/** A lookout whose sentinels the test plays. */
export function createLookoutBench(given: readonly NodeAddress[], ports: Partial<SentinelMonitorPorts> = {}) {
  const followed = new Map<string, Follower>();
  const heard: unknown[] = [];
  const lookout = createSentinelMonitor({
    name: 'mymaster',
    sentinels: given,
    limit: 10,
    reach: (address) => address,
    follow({ host, port }, follower) {
      followed.set(`${host}:${port}`, follower);
      return () => void followed.delete(`${host}:${port}`);
    },
    hear: ({ sentinel, master, epoch }, learned) => heard.push([sentinel, master?.port, epoch, learned]),
    ...ports,
  });
  const of = (key: string) => followed.get(key) as Follower;
  return {
    lookout,
    heard,
    of,
    watched: () => [...followed.keys()],
    reports: (key: string, id: string | undefined, others: readonly number[] = []) =>
      of(key).onReport({ master: at(6379), epoch: 1, id, others: others.map(other) }),
  };
}
