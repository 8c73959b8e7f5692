import type { SubscriptionListener } from '../../../../src/connect/client/subscription-connection.js';
import type { SubscriptionEnginePorts } from '../../../../src/subscriber/subscription-engine.js';
import type { Follower } from '../../../../src/sentinel/sentinel-watchers.js';
import { createFakeClock, turn } from '../fake-clock.js';
import {
  createFakeLine,
  sentinelAnswers,
  type Answers,
  type FakeLine,
} from './fake-subscription-connection.js';

export const QUESTIONS = [
  'sentinel get-master-addr-by-name mymaster',
  'sentinel master mymaster',
  'sentinel myid',
  'sentinel sentinels mymaster',
];
export const SUBSCRIBE = 'subscribe +switch-master';
export const UNSUBSCRIBE = 'unsubscribe +switch-master';

/** A follower that writes down what it hears. */
export function createFollower(name = 'mymaster') {
  const heard: string[] = [];
  const follower: Follower = {
    name,
    onReport: ({ master, epoch, id }) => heard.push(`${master?.port ?? 'none'} ${epoch ?? '-'} ${id ?? '-'}`),
    onSwitch: ({ host, port }) => heard.push(`switch ${host}:${port}`),
    onUnreachable: () => heard.push('unreachable'),
  };
  return { follower, heard };
}

/** Connections to one sentinel, which answers alike on each. */
export function createLines(answers: Answers = sentinelAnswers(6379)) {
  const clock = createFakeClock();
  const lines: FakeLine[] = [];
  const ports: SubscriptionEnginePorts = {
    clock,
    bounds: { baseMs: 100, capMs: 10_000 },
    open(listener: SubscriptionListener) {
      const line = createFakeLine(listener, answers);
      lines.push(line);
      return line;
    },
  };
  const last = () => lines.at(-1) as FakeLine;
  return {
    clock,
    ports,
    lines,
    /** The last connection is up, and everything that is asked then is answered. */
    async up() {
      last().listener.onUp();
      await turn();
    },
    take: () => last().sent.splice(0),
    listener: () => last().listener,
    async publish(message: string) {
      const [channel, payload] = [Buffer.from('+switch-master'), Buffer.from(message)];
      last().listener.onMessage({ kind: 'channel', name: '+switch-master', channel, message: payload });
      await turn();
    },
  };
}
