export { createRedisFactory, type RedisFactory } from './factory/factory.js';
export { installShutdownHooks, type ShutdownHooks } from './shutdown/shutdown-hooks.js';
export type { HookReport, ShutdownHookOptions } from './shutdown/shutdown-hook-options.js';
export {
  formatConnectionName,
  parseConnectionName,
  type ConnectionNameParts,
} from './identity/connection-name.js';
export type { EnforcedOptions } from './connect/client/client-factory.js';
export { HygieneError, type HygieneErrorCode } from './core/errors.js';
export type {
  ClosedEvent,
  ConnectionEvent,
  FailoverEvent,
  HygieneEvents,
  LeaseEvent,
  LivenessEvent,
  OrphanEvent,
  PolicyEvent,
  RecoveredEvent,
  SaturatedEvent,
  StaleEvent,
  StalledEvent,
  SuspectEvent,
} from './factory/events.js';
export type { Identity } from './identity/detect-identity.js';
export type { ConnectionInfo } from './ledger/connection.js';
export type { CloseReason, StateKind } from './ledger/connection.js';
export type { OrphanOutcome } from './liveness/reap-orphans.js';
export type { StaleCause } from './liveness/health-check-target.js';
export type { FactoryOptions } from './options/factory-options.js';
export type { CallSiteCount } from './ledger/connection-counts.js';
export type { Limits, Settings } from './options/settings.js';
export type { Gap } from './subscriber/gap-tracker.js';
export type { OverflowEvent, ReconnectingEvent, SubscriberEvents } from './subscriber/subscriber-events.js';
export type { DropPolicy } from './subscriber/subscriber-options.js';
export type { Inbox } from './subscriber/message-readers.js';
export type { Message } from './subscriber/message-readers.js';
export type { MessagesOptions, SubscriberOptions } from './subscriber/subscriber-options.js';
export type { Subscriber } from './subscriber/subscriber.js';
export type { SubscriptionKind } from './connect/client/subscription-connection.js';
export type { Lease } from './pool/lease.js';
export type { DropReason } from './pool/pool-entry.js';
export type { PoolOptions } from './pool/pool-options.js';
export type { Pool, PoolCloseOptions } from './pool/pool.js';
export type { LeaseReport, PoolReport } from './pool/pool-report.js';
export type { Durations, PoolStatistics } from './pool/pool-report.js';
export type { PolicyOverride } from './options/policy.js';
export type { Before, BeforeOutcome, BeforeStep, Closable } from './shutdown/shutdown-hook-options.js';
export type { ShutdownOptions } from './shutdown/shutdown.js';
export type { ShutdownOutcome, ShutdownReport, ShutdownReportLine } from './shutdown/shutdown-plan.js';
