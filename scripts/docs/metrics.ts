import { LABEL_LIMITS } from '../../src/factory/event-counts.js';
import { socketCloseReasons } from '../../src/metrics/event-samples.js';
import { labelAttributes } from '../../src/metrics/label-attributes.js';
import { metricTable } from '../../src/metrics/metric-table.js';
import { alertRules } from './alerts.js';
import { NOTICE, table } from './markdown.js';

const PREFIX = 'redis_hygiene_';

const origins = {
  conventions: 'OpenTelemetry, development',
  redis: 'Redis',
  'redis-hygiene': 'redis-hygiene',
} as const;

function metricRows(): string {
  const rows = metricTable.map(({ prometheus, otel, kind, unit, origin, labels, help }) => [
    `\`${PREFIX}${prometheus}\``,
    `\`${otel}\``,
    `${kind}, \`${unit}\``,
    origins[origin],
    labels.map((label) => `\`${label}\``).join(' '),
    help,
  ]);
  return table(['Prometheus', 'OpenTelemetry', 'kind, unit', 'name by', 'labels', 'meaning'], rows);
}

function attributeRows(): string {
  const rows = Object.entries(labelAttributes).map(([label, attribute]) => [
    `\`${label}\``,
    `\`${attribute}\``,
  ]);
  return table(['label in Prometheus', 'attribute in OpenTelemetry'], rows);
}

function reasonRows(): string {
  const rows = Object.entries(socketCloseReasons).map(([reason, meaning]) => [`\`${reason}\``, meaning]);
  return table(['reason', 'meaning'], rows);
}

/** Content of docs/metrics.md. */
export function metricsPage(): string {
  return `${NOTICE}

# Metrics

The metrics show the connections of a whole process: of all its factories, of the drop-in and of the [preload](preload.md).
Two factories of one service are added up, and a second registration changes nothing. Prometheus and OpenTelemetry show the
same values, because both are made from one reading of the ledger, the pools and the counts of events.

## Prometheus

\`redis-hygiene/prometheus\` needs \`prom-client\` 15 (\`npm install prom-client\`):

\`\`\`js
import { createServer } from 'node:http';
import { register } from 'prom-client';
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';
import { registerMetrics } from 'redis-hygiene/prometheus';

registerMetrics();
const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
await redis.client().ping();

const server = createServer(async (request, response) => {
  response.setHeader('content-type', register.contentType);
  response.end(await register.metrics());
});
server.listen(process.env.METRICS_PORT);
installShutdownHooks(redis, { before: server });
\`\`\`

\`registerMetrics({ register, prefix })\` adds the metrics to another registry, or with another prefix than
\`${PREFIX}\`. Where the registry has another metric of the same name, nothing is registered, and
\`HYG_METRIC_NAME_TAKEN\` names it. The function returns an object whose \`stop()\` removes the metrics. If it was called
more than once for the same registry and prefix, the last \`stop()\` does.

In a \`node:cluster\`, call \`registerMetrics()\` in each worker. The \`AggregatorRegistry\` of prom-client adds the workers up,
the budget and its limit included, because each process has its own.

## OpenTelemetry

\`redis-hygiene/otel\` needs \`@opentelemetry/api\` and an SDK. Call it after the SDK was started: before that there is no
global meter provider, and nothing is recorded, which the diagnostic logger of OpenTelemetry tells.

\`\`\`js
import { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { createRedisFactory } from 'redis-hygiene';
import { recordMetrics } from 'redis-hygiene/otel';

const reader = new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() });
const meterProvider = new MeterProvider({ readers: [reader] });
recordMetrics({ meterProvider }); // without options: the global meter provider

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
await redis.client().ping();
await meterProvider.shutdown(); // collects once more
await redis.shutdown();
\`\`\`

\`stop()\` of the returned object ends the recording, if all that were returned for the same provider are stopped. A meter provider that throws does no harm: the process warns once
(\`HYG_OBSERVER_THREW\`).

## With the preload

Code that nobody changes is measured by one more file:

\`\`\`text
node --import redis-hygiene/register --import ./metrics.mjs app.js
\`\`\`

where \`metrics.mjs\` calls \`registerMetrics()\`, or starts the SDK and calls \`recordMetrics()\`.

## All metrics

${metricRows()}

The names \`db.client.connection.*\` are those of OpenTelemetry's semantic conventions, which call them "development": they
may change, and these metrics will change with them. \`redis.client.*\` are the names that Redis gives in its own clients.
The Prometheus exporter of OpenTelemetry writes \`db_client_connection_count\`, of which \`promtool check metrics\` complains,
because it ends in \`_count\`: that is the name of the conventions. \`redis-hygiene/prometheus\` has \`${PREFIX}connections\`.

## Labels and attributes

\`service\`, \`role\` and \`target\` are those of the [ledger](getting-started.md). In OpenTelemetry the resource names the
service, so metrics have no attribute for it, and several services of one process are added up. \`role\` and \`target\` are one
pool for OpenTelemetry: \`db.client.connection.pool.name\` is \`pool redis://redis-1:6379\`. The host of this process is no part of it.
\`server.address\` and \`server.port\` are those of the target; a Unix socket has its path as its address, and a master of sentinels
has none. \`db.system.name\` is \`redis\`. A metric with \`role\` and without \`target\` has \`redis_hygiene.role\`.

${attributeRows()}

- **Idle and used.** A connection in its handshake is \`used\`, because the commands of the handshake are in flight. A
  pool's connection is \`used\` while it is leased or being reset. Any other connection is shared by many
  callers: it is \`used\` if commands are in flight at the moment of the collection. A subscriber that waits for messages is
  \`idle\`, a blocked \`BLPOP\` is \`used\`. The queues of a client that a library made cannot be read, so it is always \`idle\`.
- **The sum of \`${PREFIX}connections\` is what CLIENT LIST shows**: connections whose socket is up. Those that are being
  dialled or wait to be dialled again are \`${PREFIX}connections_disconnected\`. Sockets opened minus sockets closed is the same sum.
- **Waiting, using and creating times** are those of pools. Clients that are shared are not borrowed.
- **The number of series is limited.** The first ${LABEL_LIMITS.service} services, ${LABEL_LIMITS.role} roles, ${LABEL_LIMITS.target} targets and ${LABEL_LIMITS.master} names of masters keep
  their names. All later ones are added up as \`other\`.
- **Counters never fall** while the process runs, also when a factory is shut down or a pool is closed. They begin at 0 with
  the first dial of a connection, and gaps and overdue leases with their subscriber or pool. So \`increase()\` sees the first
  event, if it comes after the first scrape. Those by \`code\`, \`master\` and \`drop_reason\` begin with their first event.
- **The \`target\` of an error** is that of the failed connection. It is empty where a failure belongs to no server.
- **A series that has ended shows 0.** The SDK of OpenTelemetry would repeat its last value otherwise.

### Why a socket closed

The \`reason\` of \`${PREFIX}connections_closed_total\`, in the words of Redis' own clients. What \`closed\` and \`reconnecting\`
events tell is [finer](errors.md#why-a-connection-closed).

${reasonRows()}

## Alerts

For outages, and for the [two incidents](incidents.md): connections that are made and never closed, and a firewall that
forgets idle sessions, so that sentinels fill up.

\`\`\`yaml
${alertRules}\`\`\`

- **What is so now is a gauge.** A counter such as \`${PREFIX}saturations_total\` rises once for an outage, however long it
  lasts, and an alert on its \`increase()\` ends before the outage does. \`${PREFIX}connections_usable\`, \`_stalled\` and
  \`_waiting\` tell what is so at the moment of the scrape, and begin at 0 with a connection.
- **A counter may be above 0 at the first scrape.** A process that starts while a server is full has counted the saturation
  before it is scraped, and \`increase()\` does not see it.
- \`${PREFIX}connections_waiting\` knows of processes that want more connections. How full a server is, and that it is
  full while nobody dials, tells \`redis_connected_clients\` of redis_exporter.

## Cost

Nothing is done for a command. A lease costs the two additions that \`pool.statistics()\` needs. Events are counted in a
map when they happen, with or without metrics. A collection reads the ledger and the pools once.

OpenTelemetry has no histogram that can be read at a collection, so the durations of pools are recorded then, one by one:
those that were added since the last collection. The SDK takes 2 µs for each on the machine where this was measured, so
they are recorded in slices of 250 with a break after each, and at most 50 000 at one collection. If there are more, all buckets are
reduced evenly: percentiles stay what they are, and the count is too low. \`redis_hygiene.pool.leases\` counts every
lease. Buckets are exact, and the sum is at most 5 % off, because pools keep durations of more than 20 ms in
buckets of 10 %. In Prometheus buckets, count and sum are exact at any rate.
`;
}
