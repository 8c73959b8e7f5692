import type { RedisServer } from './server.js';

/** What a kind of server must be able to do; the order of the calls is kept by `controls`. */
export interface ServerPort {
  readonly name: string;
  pause(): void | Promise<void>;
  resume(): void | Promise<void>;
  stop(from: LiveState): Promise<void>;
}

type LiveState = 'running' | 'paused';
type State = { readonly kind: LiveState } | { readonly kind: 'stopped'; readonly done: Promise<void> };

export type Controls = Pick<RedisServer, 'pause' | 'resume' | 'stop' | typeof Symbol.asyncDispose>;

/**
 * pause, resume and stop over one state:
 * running ⇄ paused, either → stopped. A second `stop` gives the promise of the first.
 */
export function controls(port: ServerPort): Controls {
  let state: State = { kind: 'running' };

  const isStopped = () => state.kind === 'stopped';

  async function move(to: LiveState, act: () => void | Promise<void>): Promise<void> {
    if (isStopped()) throw new Error(`${port.name} is stopped; it cannot become ${to}`);
    if (state.kind === to) return;
    await act();
    // A stop may have come while the move was under way, and stopped is final.
    if (!isStopped()) state = { kind: to };
  }

  function stop(): Promise<void> {
    const done = state.kind === 'stopped' ? state.done : port.stop(state.kind);
    state = { kind: 'stopped', done };
    return done;
  }

  return {
    pause: () => move('paused', () => port.pause()),
    resume: () => move('running', () => port.resume()),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
