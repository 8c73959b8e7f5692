export { expectNoOpenConnections, type OpenConnectionsOptions } from './expect-no-open-connections.js';
export { trackConnections, type TrackOptions } from './track-connections.js';
export type { TestHook, TestHooks } from './runner-hooks.js';
