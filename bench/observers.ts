import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { subscribe } from 'node:diagnostics_channel';
import { Registry } from 'prom-client';
import { channelTable } from '../src/factory/channels.js';
import type { RedisFactory } from '../src/index.js';
import type * as Otel from '../src/metrics/otel.js';
import type * as Prometheus from '../src/metrics/prometheus.js';
import type { Library } from './build.js';

/** How often a service is scraped, in milliseconds: twice as often as Prometheus does unless told otherwise. */
export const SCRAPE_INTERVAL_MS = 30_000;

/** Everything that observes a factory, switched on. */
export interface Observers {
  /** Reads the metrics of both backends once. Returns how long that took, in milliseconds. */
  scrape(): Promise<number>;
}

/** A reader that collects when it is told to. */
class ManualReader extends MetricReader {
  protected override onForceFlush = () => Promise.resolve();
  protected override onShutdown = () => Promise.resolve();
}

/**
 * Switches on the metrics of both backends, logs, and a subscriber on each channel.
 *
 * @param entry URL of the built `index.js`, beside which the other entry points are.
 */
export async function observe(library: Library, entry: string, factory: RedisFactory): Promise<Observers> {
  const { recordMetrics } = (await import(new URL('otel.js', entry).href)) as typeof Otel;
  const { registerMetrics } = (await import(new URL('prometheus.js', entry).href)) as typeof Prometheus;
  const reader = new ManualReader();
  const register = new Registry();
  recordMetrics({ meterProvider: new MeterProvider({ readers: [reader] }) });
  registerMetrics({ register });
  const ignore = () => undefined;
  library.logEvents(factory, { info: ignore, warn: ignore, error: ignore });
  for (const word of Object.keys(channelTable)) subscribe(`redis-hygiene:${word}`, ignore);
  return {
    async scrape() {
      const start = performance.now();
      await reader.collect();
      await register.metrics();
      return performance.now() - start;
    },
  };
}
