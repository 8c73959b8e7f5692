import type { Clock } from '../core/clock.js';
import { Engine, type EnginePorts } from '../subscriber/subscription-engine.js';
import type { Address } from './address.js';
import { askForMaster, type MasterReport } from './master.js';
import type { Call } from './question.js';

/** Somebody who follows one master. */
export interface Follower {
  /** The master's name. */
  readonly name: string;
  /** The sentinel was asked. */
  readonly onReport: (report: MasterReport) => void;
  /** It told of a failover by itself. */
  readonly onSwitch: (to: Address) => void;
  /** It cannot be reached just now. */
  readonly onUnreachable: () => void;
}

/** A connection to one sentinel that hears of failovers. */
export interface Watcher {
  /** Asks now, for all that are followed. */
  ask(): void;
  close(): void;
}

const SWITCH = '+switch-master';

/** How often the sentinel is asked, should its message have been lost. */
const ASK_MS = 10_000;

/** `name old-ip old-port new-ip new-port` */
function readSwitch(message: string): { readonly name: string | undefined; readonly to: Address } {
  const [name, , , host = '', port] = message.split(' ');
  return { name, to: { host, port: Number(port) } };
}

/** Watches one sentinel for these followers, until it is closed or its connection gives up. */
export function watchSentinel(
  ports: EnginePorts,
  followers: () => readonly Follower[],
  onClosed: () => void,
): Watcher {
  const { clock } = ports;
  let timer: ReturnType<Clock['after']> | undefined;
  const renew = () => void engine.renew();
  const following = (name: string | undefined) => followers().filter((one) => one.name === name);

  /** Each name is asked for once, whoever follows it. */
  function askAll(call: Call): void {
    timer?.cancel();
    timer = clock.after(ASK_MS, renew);
    for (const name of new Set(followers().map((follower) => follower.name))) {
      const tell = (report: MasterReport) => following(name).forEach(({ onReport }) => onReport(report));
      // Refused, or broken, which is told elsewhere; a natMap that throws is told to clients that search.
      void askForMaster(call, name)
        .then(tell)
        .catch(() => undefined);
    }
  }

  function hear(message: string): void {
    const { name, to } = readSwitch(message);
    following(name).forEach(({ onSwitch }) => onSwitch(to));
    renew();
  }

  const engine = new Engine(ports, {
    onUp: askAll,
    onReady: () => undefined,
    onMessage: ({ message }) => hear(message.toString()),
    onGap: () => undefined,
    onRedial: () => followers().forEach(({ onUnreachable }) => onUnreachable()),
    onError: () => undefined,
    onClosed() {
      timer?.cancel();
      onClosed();
    },
  });
  engine.subscribe('channel', [SWITCH]).catch(() => undefined); // refused: asking has to do
  return { ask: renew, close: () => void engine.close() };
}
