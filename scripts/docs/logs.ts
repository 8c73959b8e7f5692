import { logLevels, logTable } from '../../src/logs/log-table.js';
import { lineFormats } from '../../src/logs/write-line.js';
import { NOTICE, table } from './markdown.js';

export function logsPage(): string {
  return `${NOTICE}

# Logs

\`logEvents(factory, logger)\` writes each [event](getting-started.md#events) of a factory as one line to the logger of the
service: pino, winston, bunyan, \`console\`, the \`log\` of Fastify, the \`Logger\` of Nest, or any object with \`info\` (or
\`log\`), \`warn\` and \`error\`.

\`\`\`js
import { createRedisFactory, logEvents } from 'redis-hygiene';

const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
const log = logEvents(redis, console, { levels: { ready: 'info', closed: 'off' } });
await redis.client().ping(); // A Redis connection is ready event=ready connection=orders@web-1 …
log.stop();
await redis.shutdown();
\`\`\`

Works with \`defaultFactory()\` of the drop-in, too. \`logEvents('process', logger)\` writes the events of all factories of this
process and of the [preload](preload.md), by way of the [channels](channels.md). Use one of the two for a logger, not both. A
second call with the same factory and logger returns the first log and does not double the lines.

## Levels

${levelRows()}

\`levels\` replaces them by event: \`{ ready: 'info', reconnecting: 'off' }\`, with the words ${levelWords()}. A logger without
\`debug\` does not get such lines. A factory whose errors are logged has an \`error\` listener, so ioredis does not print them;
with \`{ error: 'off' }\`, and with \`'process'\`, it has none of ours.

## The end of an outage

When a connection is ready again, the line is at \`info\`: "A Redis connection is ready again after 17 s", with \`outageMs\`.
What was folded of the same connections is written before it. Clients dial again by themselves; a pool opens another
connection. Of a library's client (\`options()\`) only its loss is told.

ioredis prints "[ioredis] Unhandled error event" for a client that has no \`error\` listener, unless the factory has one.
Under the preload, add an \`error\` listener to the client.

## Format

${formatRows()}

pino and bunyan are recognised by their methods \`bindings\` and \`addStream\`, and winston by its list \`transports\`; any other logger
gets a text. The option \`format\` decides otherwise, as for a wrapper around pino.

Every line has the fields \`event\`, \`service\` and \`host\`; those of a connection have \`connection\` (its name), \`role\` and
\`target\`. \`level\`, \`time\` and \`msg\` are left to the logger. A logger that adds a \`service\` of its own to
each line (pino's \`base\`) has that field twice. No line contains a password.

## Storms

The first line of a fact is written at once. Lines of the same fact (event, level, connection name, target, and cause, code,
reason or line of code) within 10 s become one line at the end of that time: "A Redis connection was lost
(37 times in 10 s)", with the fields of the latest one, \`count\`, \`elapsedMs\` from the first to the latest one, and
\`lastAt\`, the time of the latest one in milliseconds. \`count\` is the number of all lines of the window; in the first
window it includes the line that was written at once. A storm that goes on is one line in 10 s. At most
500 facts are told apart at a time; the lines of further ones are joined by event and level. \`stop()\` and the end of
\`shutdown()\` write what was folded. The timers do not keep the process alive.

A logger that throws, or returns a promise that is rejected, is reported by one warning of the process
([\`HYG_OBSERVER_THREW\`](errors.md)). A slow one costs what folding lets through.
`;
}

function levelRows(): string {
  const rows = Object.entries(logTable).map(([event, { level, exception }]) => [
    `\`${event}\``,
    `\`${level}\``,
    exception ? `\`${exception.level}\` if ${exception.when}` : '',
  ]);
  return table(['event', 'level', 'but'], rows);
}

function levelWords(): string {
  return logLevels.map((level) => `\`${level}\``).join(', ');
}

function formatRows(): string {
  const rows = Object.entries(lineFormats).map(([format, call]) => [`\`${format}\``, `\`${call}\``]);
  return table(['format', 'how a logger is called'], rows);
}
