import { createRequire } from 'node:module';
import { HygieneError } from '../core/errors.js';
import { processWide } from '../core/process-wide.js';
import { warnOfObserver } from '../core/warnings.js';
import { checkOptionNames, optionTypeError } from '../options/check-options.js';
import { collect, type Reading } from './collect.js';
import { loadPeer } from '../core/lazy.js';
import { type Metric, metricTable } from './metric-table.js';
import { BOUNDS_SECONDS, type DurationSample } from './samples.js';
import { addUser, type SharedUse } from './shared-use.js';

/** A registry of `prom-client`, as far as it is used here. */
export interface PrometheusRegistry {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

/** Options for `registerMetrics()`. */
export interface PrometheusOptions {
  /** The registry that the metrics are added to. @default the default registry of prom-client */
  readonly register?: PrometheusRegistry | undefined;
  /** What the names of all metrics begin with. @default 'redis_hygiene_' */
  readonly prefix?: string | undefined;
}

/** Metrics in a registry. */
export interface RegisteredMetrics {
  /** Removes the metrics from the registry, once all that were returned for the same registry and prefix are stopped. */
  stop(): void;
}

/**
 * Adds the metrics of all factories of this process, and of the preload, to a registry of prom-client. Nothing is done
 * until the registry is scraped. Metrics that are in the registry already are left as they are, so that a second call
 * adds none. They are removed when each caller has called `stop()`. See docs/metrics.md.
 *
 * @throws HygieneError `HYG_PEER_MISSING` without a registry and without prom-client, `HYG_METRIC_NAME_TAKEN`,
 * `HYG_OPTION_UNKNOWN`, `HYG_OPTION_TYPE`
 */
export function registerMetrics(options: PrometheusOptions = {}): RegisteredMetrics {
  checkOptionNames('registerMetrics()', options, ['register', 'prefix']);
  const prefix = checkPrefix(options.prefix ?? 'redis_hygiene_');
  const registry = checkRegistry(options.register ?? loadDefaultRegistry());
  const names = metricTable.map((metric) => prefix + metric.prometheus);
  const taken = names.filter((name) => isTaken(registry, name));
  if (taken.length > 0) throw nameTakenError(taken, prefix);
  const readNow = oncePerTurn(() => collect());
  const missing = metricTable.filter(({ prometheus }) => !registry.getSingleMetric(prefix + prometheus));
  for (const metric of missing) registry.registerMetric(createMetric(metric, prefix, readNow) as never);
  const uses = usesOf(registry);
  // If all were missing, the registry is new or was cleared, and those who registered before no longer count.
  const use = (missing.length < names.length && uses.get(prefix)) || { users: 0 };
  uses.set(prefix, use);
  return addUser(use, () => {
    if (uses.get(prefix) !== use) return;
    for (const name of names.filter((own) => !isTaken(registry, own))) registry.removeSingleMetric(name);
  });
}

/** Use of the metrics of a registry, by prefix. */
type Uses = Map<string, SharedUse>;

const usesByRegistry = processWide(
  'uses of registries of Prometheus',
  () => new WeakMap<PrometheusRegistry, Uses>(),
);

function usesOf(registry: PrometheusRegistry): Uses {
  const uses: Uses = usesByRegistry.get(registry) ?? new Map<string, SharedUse>();
  usesByRegistry.set(registry, uses);
  return uses;
}

/** The name of a metric of Prometheus begins like this. */
const PREFIX = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

function checkPrefix(prefix: unknown): string {
  if (typeof prefix === 'string' && PREFIX.test(prefix)) return prefix;
  throw optionTypeError('prefix', prefix, 'a text of letters, digits, "_" and ":" that begins with no digit');
}

function checkRegistry(register: PrometheusRegistry): PrometheusRegistry {
  const methods = ['registerMetric', 'getSingleMetric', 'removeSingleMetric'] as const;
  const given: Partial<PrometheusRegistry> = register;
  if (methods.every((method) => typeof given[method] === 'function')) return register;
  throw optionTypeError('register', register, 'a Registry of prom-client');
}

// The build makes this the plain `require()` of the file, which test runners replace.
const require = createRequire(import.meta.url);

function loadDefaultRegistry(): PrometheusRegistry {
  const load = () => require('prom-client') as { readonly register: PrometheusRegistry };
  return loadPeer('prom-client', load).register;
}

/** Metrics of redis-hygiene in this process, in whatever registry. */
const ownMetrics = processWide('metrics of Prometheus', () => new WeakSet());

function isTaken(registry: PrometheusRegistry, name: string): boolean {
  const metric = registry.getSingleMetric(name);
  return typeof metric === 'object' && metric !== null && !ownMetrics.has(metric);
}

function nameTakenError(taken: readonly string[], prefix: string): HygieneError {
  const [first = '', ...others] = taken;
  const more = others.length > 0 ? ` and ${others.length} more names` : '';
  const what = `The registry has another metric named ${first}${more}. Nothing was registered.`;
  return new HygieneError('HYG_METRIC_NAME_TAKEN', what, { details: { names: taken, prefix } });
}

/** Calls `read` once in a turn of the event loop: a scrape asks all metrics in the same turn. */
function oncePerTurn<Value>(read: () => Value): () => Value {
  let latest: { readonly value: Value } | undefined;
  return () => {
    if (!latest) queueMicrotask(() => (latest = undefined));
    return (latest ??= { value: read() }).value;
  };
}

/** What a registry prints of a metric. */
interface PrometheusValue {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A metric as prom-client's registries use it. `aggregator` is for the workers of a `node:cluster`, which are added up. */
function createMetric(metric: Metric, prefix: string, readNow: () => Reading): object {
  const own = {
    name: prefix + metric.prometheus, // a registry of OpenMetrics changes this
    help: metric.help,
    type: metric.kind === 'updowncounter' ? 'gauge' : metric.kind,
    aggregator: 'sum',
    labelNames: metric.labels,
    async get() {
      const { name, help, type, aggregator } = own;
      return Promise.resolve({ name, help, type, aggregator, values: valuesOf(metric, name, readNow) });
    },
    /** Called by `registry.resetMetrics()`. The counts of the process go on. */
    reset: () => undefined,
  };
  ownMetrics.add(own);
  return own;
}

function valuesOf(metric: Metric, name: string, readNow: () => Reading): readonly PrometheusValue[] {
  try {
    const { numbers, durations } = readNow();
    if (metric.kind === 'histogram') {
      return (durations.get(metric) ?? []).flatMap((sample) => histogramValues(name, sample));
    }
    return (numbers.get(metric) ?? []).map(({ labels, value }) => ({ labels: { ...labels }, value }));
  } catch (error) {
    warnOfObserver('The collection of metrics', error);
    return [];
  }
}

function histogramValues(name: string, { labels, value }: DurationSample): readonly PrometheusValue[] {
  const { count, totalMs } = value.read();
  const upTo = value.cumulative(BOUNDS_SECONDS.map((bound) => bound * 1_000));
  return [
    ...BOUNDS_SECONDS.map((bound, index) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: bound },
      value: upTo[index] ?? 0,
    })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels: { ...labels }, value: totalMs / 1_000 },
    { metricName: `${name}_count`, labels: { ...labels }, value: count },
  ];
}
