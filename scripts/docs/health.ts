import { healthReasons } from '../../src/factory/health/health-report.js';
import { NOTICE, table } from './markdown.js';

export function healthPage(): string {
  return `${NOTICE}

# Health and readiness

\`redis.health()\` tells whether everything that this process has opened can be used, and \`redis.ready()\` waits at the start
until it can. Both tell what is the matter, by target. Neither costs anything while it is not called.

\`\`\`js
import { createRedisFactory } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
const client = redis.client();
await redis.ready({ timeoutMs: 10_000 }); // throws HYG_NOT_READY, with what is missing and why

const { status, reasons, targets } = await redis.health();
console.log(status, reasons); // up []
for (const target of targets) console.log(target.target, target.status, target.connections, target.reasons);
await redis.shutdown();
\`\`\`

## health()

The report is plain data without secrets: \`{ status, at, reasons, targets: [{ target, status, connections, reasons }] }\`.
The \`status\` is the worst of all reasons. A reason is \`{ code, status, message, count, failure? }\`; \`failure\` is the last
error of a connection that is not ready. The promise never rejects. Only wrong options throw, at once.

${reasonRows()}

- **What was not opened is not down.** A lazy client that was never used, a pool without connections and a factory without
  clients are \`up\`. A client that was closed by the application is forgotten.
- **No round trip where a heartbeat is fresh.** A connection was heard recently if bytes have come within 1.2 ×
  \`heartbeatIntervalMs\` + \`heartbeatDeadlineMs\` (23 s by default). A target without such a connection gets one PING, on a
  connection that can answer it at once, and has \`timeoutMs\` to answer (\`health({ timeoutMs })\`, default 1000). Calls at
  the same time share it. Your \`reconnectOnError\` does not hear of it. So a server that stops answering is noticed by the
  heartbeats, within 23 s by default; a closed connection is noticed at once.
- **A first dial is not trouble** while other connections of the target are ready. Alone, the target is \`down\` until it is
  ready.
- **Sentinel**: the clients of the master decide. A lost sentinel is a target of its own, and only degrades.
- **Cluster**: one target for the whole Cluster, named by its first startup nodes. It is down only if it is not ready, or if no
  node can be used. A node counts as down after the Cluster has lost it, until it is used again, is no part of the
  Cluster any more, or for 30 s.
- **Library clients** (\`options()\`) count as usable when they are connected, because more of them is not known.
- **The budget** is that of the process. **Pools** count in their target.
- In the mode \`observe\` the report is the same, but without \`saturated\`. With \`REDIS_HYGIENE=off\` only the state that
  ioredis reports is known, so a target that works is \`up\` with the reason \`unverified\`.
- After \`shutdown()\` has begun, and with [shutdown hooks](shutdown.md) from the signal on, the status is \`down\`, with the
  reason \`shut-down\` and no targets. \`shutdownDelayMs\` of the hooks keeps the service answering until a load balancer has
  noticed.
- **A call to a frozen server** ends only if the client has a \`commandTimeout\`. The report does not end calls.

The preload has no factory that a program could ask.

## ready()

\`await redis.ready({ timeoutMs })\` resolves when everything is ready that was opened until then: clients, also those behind
Sentinel, Clusters, the subscriptions of subscribers, and the \`min\` connections of pools. The default is 10 s. It rejects
with [\`HYG_NOT_READY\`](errors.md), whose message and \`details.missing\` name each missing part with its target, its state,
since when, and its last failure; with \`HYG_SHUT_DOWN\` once \`shutdown()\` has begun. A client that gave up, and one that the
budget refused, is missing. Its timer keeps the process alive, because the program waits for it. If nobody looks at the
result, it is no unhandled rejection.

## Probes

Readiness says whether requests should come to this process. Liveness says whether a restart would help, and **a restart
of this process does not mend Redis**: if liveness depends on Redis, an outage of Redis restarts all services at once,
and all of them dial at the same time when it is back. So liveness tells only that the process answers.

\`\`\`ts
// Express, Connect and plain http: docs/express.md has Koa and Hono too
import { livez, readyz } from 'redis-hygiene/express';
app.get('/livez', livez());
app.get('/readyz', readyz(redis));
\`\`\`

\`\`\`ts
// Fastify: docs/fastify.md
app.register(import('redis-hygiene/fastify'), { service: 'orders', readiness: '/readyz', liveness: '/livez' });
\`\`\`

See [Express, Koa, Hono and plain http](express.md) and [Fastify](fastify.md). Both answer 503 while the status is \`down\`.

\`degraded\` is a warning, not a reason to take the process out: a pool that is exhausted or a node that is lost is no better
in fewer processes. A service that can work without one of its servers decides by \`targets\`. Addresses and names of
connections are in the report, so serve it to your own network only.

\`\`\`yaml
# Kubernetes
startupProbe: # as long as await redis.ready() and the rest of the start may take
  httpGet: { path: /readyz, port: 3000 }
  periodSeconds: 2
  failureThreshold: 30
readinessProbe:
  httpGet: { path: /readyz, port: 3000 }
  periodSeconds: 5
  timeoutSeconds: 2 # longer than timeoutMs of health(), 1 s
  failureThreshold: 2
livenessProbe:
  httpGet: { path: /livez, port: 3000 }
  periodSeconds: 10
  timeoutSeconds: 5 # a blocked event loop answers late
\`\`\`
`;
}

function reasonRows(): string {
  const rows = Object.entries(healthReasons).map(([code, { status, meaning }]) => [
    `\`${code}\``,
    `\`${status}\``,
    meaning,
  ]);
  return table(['code', 'status', 'meaning'], rows);
}
