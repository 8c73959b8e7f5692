import type { RedisServer } from './server.js';

/** Operations that each kind of server provides. `controls` calls them in a valid order. */
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
 * Creates pause, resume and stop over one state: running ⇄ paused, either → stopped. A second `stop` returns the promise
 * of the first.
 */
export function controls(port: ServerPort): Controls {
  let state: State = { kind: 'running' };

  const isStopped = () => state.kind === 'stopped';

  async function move(to: LiveState, act: () => void | Promise<void>): Promise<void> {
    if (isStopped()) throw new Error(`${port.name} is stopped and cannot become ${to}`);
    if (state.kind === to) return;
    await act();
    // `stop` may have been called in the meantime, and stopped is final.
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
