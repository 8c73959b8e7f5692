import { channelTable } from '../../src/factory/channels.js';
import { NOTICE, table } from './markdown.js';

/** The page of the diagnostics channels. */
export function channelsPage(): string {
  const rows = Object.entries(channelTable).map(([word, { events, meaning }]) => [
    `\`redis-hygiene:${word}\``,
    events.map((event) => `\`${event}\``).join(', '),
    meaning,
  ]);
  return `${NOTICE}

# Diagnostics channels

Every [event](getting-started.md#events) of a factory is also published on a channel of
[\`node:diagnostics_channel\`](https://nodejs.org/api/diagnostics_channel.html). So a monitoring agent hears of all
connections of a process without access to its factories: those of the drop-in, of the [preload](preload.md), and of a
second copy of redis-hygiene too. A channel without a subscriber costs nothing but one look into a map for each event; no
event is emitted for a command or a lease.

${table(['channel', 'events', 'meaning'], rows)}

A message is \`{ event, service, host, data }\`. \`data\` is what a listener of that event gets, and \`service\` and \`host\`
are those of the factory:

\`\`\`js
import { subscribe } from 'node:diagnostics_channel';
import { createRedisFactory } from 'redis-hygiene';

subscribe('redis-hygiene:connection', ({ event, service, data }) => {
  if (event === 'ready') console.log(service, data.connection.target, data.connection.callSite[0]);
});
const redis = createRedisFactory({ service: 'orders', connection: process.env.REDIS_URL });
await redis.client().ping();
await redis.shutdown();
\`\`\`

In TypeScript, \`ChannelMessage<'ready'>\` is the type of that message, and \`ChannelName\` are the names of the channels.

A subscriber that throws does not reach the connections, and does not end the process, as it would with Node's own
\`publish()\`: one warning with the code \`HYG_OBSERVER_THREW\` names the channel. Messages are shared by all subscribers;
do not change them.
`;
}
