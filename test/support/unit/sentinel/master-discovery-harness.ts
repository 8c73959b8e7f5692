import type { SubscriptionListener } from '../../../../src/connect/client/subscription-connection.js';
import { HygieneError } from '../../../../src/core/errors.js';
import type { NodeAddress } from '../../../../src/sentinel/sentinel-replies.js';
import {
  createMasterDiscovery,
  type MasterDiscoveryPorts,
} from '../../../../src/sentinel/master-discovery.js';
import { createFakeClock } from '../fake-clock.js';
import { createFakeLine, sentinelAnswers, type Answers } from './fake-subscription-connection.js';

export const at = (port: number): NodeAddress => ({ host: 's', port });

/** How each sentinel behaves, by its port: what it answers, `frozen`, or a failure of the dial. */
export type Behaviour = Answers | 'frozen' | Error;

export const SILENT = 'sentinel get-master-addr-by-name mymaster';
export const told = (...ports: number[]) =>
  ports.map((port) => ['ip', 's', 'port', String(port), 'runid', `id-${port}`]);

export function createBench(
  behaviours: Record<number, Behaviour>,
  ports: Partial<MasterDiscoveryPorts> = {},
) {
  const clock = createFakeClock();
  const asked: number[] = [];
  const lines: ReturnType<typeof createFakeLine>[] = [];
  function open({ port }: NodeAddress, listener: SubscriptionListener) {
    asked.push(port);
    const behaviour = behaviours[port] ?? new Error('nobody there');
    const line = createFakeLine(
      listener,
      behaviour instanceof Error || behaviour === 'frozen' ? {} : behaviour,
    );
    lines.push(line);
    process.nextTick(() => {
      if (behaviour === 'frozen') return;
      if (!(behaviour instanceof Error)) return listener.onUp();
      listener.onError(behaviour);
      listener.onEnd();
    });
    return line;
  }
  const finder = createMasterDiscovery({
    clock,
    open,
    name: 'mymaster',
    sentinels: [at(1), at(2), at(3)],
    limitMs: 1_500,
    reach: (address) => address,
    ...ports,
  });
  /** The port of the master, or the code. */
  async function find(): Promise<number | string | undefined> {
    const { result } = await finder.master();
    return result instanceof HygieneError ? result.code : result.answer.master?.port;
  }
  return { clock, asked, lines, finder, find, take: () => asked.splice(0) };
}

export const good = sentinelAnswers(6379);
