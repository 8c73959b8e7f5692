import type * as OpenTelemetryModule from '@opentelemetry/api';
import type { Meter, MeterProvider } from '@opentelemetry/api';
import { createRequire } from 'node:module';
import packageJson from '../../package.json' with { type: 'json' };
import { processWide } from '../core/process-wide.js';
import { warnOfObserver } from '../core/warnings.js';
import { checkOptionNames, optionTypeError } from '../options/check-options.js';
import { createHistogramDifferences, type HistogramDifferences } from './histogram-differences.js';
import { loadPeer } from '../core/lazy.js';
import { recordInto } from './otel-instruments.js';
import { addUser, type SharedUse } from './shared-use.js';

/** Options for `recordMetrics()`. */
export interface RecordOptions {
  /** What the metrics are recorded with. @default the global meter provider of `@opentelemetry/api` */
  readonly meterProvider?: MeterProvider | undefined;
}

/** Metrics that a meter provider collects. */
export interface RecordedMetrics {
  /**
   * Ends the recording, once all that were returned for the same provider are stopped. What was recorded stays with the
   * meter provider.
   */
  stop(): void;
}

/**
 * Records the metrics of all factories of this process, and of the preload, with a meter provider. Nothing is done until
 * the provider collects. A second call with the same provider records nothing twice, and the recording ends when each
 * caller has called `stop()`. Call it after the SDK of OpenTelemetry was started, because only then is there a global meter
 * provider. See docs/metrics.md.
 *
 * @throws HygieneError `HYG_PEER_MISSING` without a meter provider and without @opentelemetry/api, `HYG_OPTION_UNKNOWN`,
 * `HYG_OPTION_TYPE`
 */
export function recordMetrics(options: RecordOptions = {}): RecordedMetrics {
  checkOptionNames('recordMetrics()', options, ['meterProvider']);
  const provider = checkProvider(options.meterProvider ?? loadGlobalProvider());
  const state = providers.get(provider) ?? createProviderState();
  providers.set(provider, state);
  return use(provider, state);
}

/** What is known of a meter provider, also after `stop()`: it keeps the durations that it was given. */
interface ProviderState extends SharedUse {
  readonly differences: HistogramDifferences;
  /** Ends the recording. */
  end: () => void;
}

function createProviderState(): ProviderState {
  return { differences: createHistogramDifferences(), users: 0, end: () => undefined };
}

const providers = processWide('meter providers', () => new WeakMap<MeterProvider, ProviderState>());

function checkProvider(meterProvider: MeterProvider): MeterProvider {
  const given: Partial<MeterProvider> = meterProvider;
  if (typeof given.getMeter === 'function') return meterProvider;
  throw optionTypeError('meterProvider', meterProvider, 'a meter provider of OpenTelemetry');
}

// The build makes this the plain `require()` of the file, which tracing libraries hook and test runners replace.
const require = createRequire(import.meta.url);

type OpenTelemetry = Pick<typeof OpenTelemetryModule, 'createNoopMeter' | 'diag' | 'metrics'>;

function loadGlobalProvider(): MeterProvider {
  const load = () => require('@opentelemetry/api') as OpenTelemetry;
  const { createNoopMeter, diag, metrics } = loadPeer('@opentelemetry/api', load);
  const provider = metrics.getMeterProvider();
  if (provider.getMeter(SCOPE).constructor === createNoopMeter().constructor) {
    diag.warn(`${SCOPE}: no meter provider is registered, so recordMetrics() records nothing.`);
  }
  return provider;
}

const SCOPE = 'redis-hygiene';

/** The first user begins the recording, and the last one ends it. */
function use(provider: MeterProvider, state: ProviderState): RecordedMetrics {
  if (state.users === 0) state.end = recordSafely(() => provider.getMeter(SCOPE, packageJson.version), state);
  return addUser(state, () => state.end());
}

/** Returns a function that ends the recording. A provider that throws ends it at once. */
function recordSafely(getMeter: () => Meter, { differences }: ProviderState): () => void {
  const warn = (error: unknown) => warnOfObserver('The meter provider', error);
  try {
    const end = recordInto(getMeter(), differences, warn);
    return () => {
      try {
        end();
      } catch (error) {
        warn(error);
      }
    };
  } catch (error) {
    warn(error);
    return () => undefined;
  }
}
