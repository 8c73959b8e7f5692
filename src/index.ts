export { createRedisFactory, type RedisFactory } from './factory/factory.js';
export { formatConnections } from './factory/format-connections.js';
export type { FactoryOptions } from './options/factory-options.js';
export type { Mode } from './options/environment.js';
export type { Limits, Settings } from './options/settings.js';
export type { PolicyOverride } from './options/policy.js';
export type { EnforcedOptions } from './connect/client/client-factory.js';
export type { ChannelMessage, ChannelName } from './factory/channels.js';
export type {
  ClosedEvent,
  ConnectionEvent,
  FailoverEvent,
  GapEvent,
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
export type {
  FailureInfo,
  HealthCode,
  HealthReason,
  HealthReport,
  HealthStatus,
  TargetHealth,
} from './factory/health/health-report.js';
export type { HealthOptions } from './factory/health/health-options.js';
export type { ReadyOptions } from './factory/health/readiness.js';
export type { MissingPart } from './factory/health/missing-parts.js';
export type { Durations } from './core/duration-histogram.js';
export { HygieneError, type HygieneErrorCode } from './core/errors.js';
export {
  formatConnectionName,
  parseConnectionName,
  type ConnectionNameParts,
} from './identity/connection-name.js';
export type { Identity } from './identity/detect-identity.js';
export type { CloseReason, ConnectionInfo, LossCause, StateKind } from './ledger/connection.js';
export type { CallSiteCount } from './ledger/connection-counts.js';
export type { StaleCause } from './liveness/health-check-target.js';
export type { OrphanInfo } from './liveness/orphans.js';
export type { OrphanOutcome } from './liveness/reap-orphans.js';
export type { Pool, PoolCloseOptions } from './pool/pool.js';
export type { PoolOptions } from './pool/pool-options.js';
export type { Lease } from './pool/lease.js';
export type { DropReason } from './pool/pool-entry.js';
export type { LeaseReport, PoolReport, PoolStatistics } from './pool/pool-report.js';
export type { Subscriber } from './subscriber/subscriber.js';
export type { DropPolicy, MessagesOptions, SubscriberOptions } from './subscriber/subscriber-options.js';
export type { OverflowEvent, ReconnectingEvent, SubscriberEvents } from './subscriber/subscriber-events.js';
export type { Gap } from './subscriber/gap-tracker.js';
export type { Inbox, Message } from './subscriber/message-readers.js';
export type { SubscriptionKind } from './connect/client/subscription-connection.js';
export type { ShutdownOptions } from './shutdown/shutdown.js';
export type { ShutdownOutcome, ShutdownReport, ShutdownReportLine } from './shutdown/shutdown-plan.js';
export { installShutdownHooks, type ShutdownHooks } from './shutdown/shutdown-hooks.js';
export type { Before, BeforeStep, Closable } from './shutdown/before-steps.js';
export type { BeforeOutcome, HookReport, ShutdownHookOptions } from './shutdown/shutdown-hook-options.js';
export { type EventLog, logEvents, type LoggedFactories, type LogOptions } from './logs/log-events.js';
export type { LogLevel } from './logs/log-table.js';
export type { EventLogger, LineFormat } from './logs/write-line.js';
