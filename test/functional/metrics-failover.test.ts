import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRedisFactory } from '../../src/index.js';
import { eventually } from '../support/eventually.js';
import { createMetricReaders, type MetricReaders } from '../support/metric-readers.js';
import { useSentinels } from '../support/use-sentinels.js';

const topology = useSentinels();

/** Names in CLIENT LIST of all servers and sentinels, sorted, without those of the servers and sentinels themselves. */
async function namesOnServers(): Promise<string[]> {
  const { servers, sentinels } = topology();
  const lists = await Promise.all([...servers, ...sentinels].map((one) => one.call('CLIENT', 'LIST')));
  const names = lists.flatMap((list) =>
    [...String(list).matchAll(/ name=(\S+)/g)].map(([, name = '']) => name),
  );
  return names.filter((name) => name.startsWith('orders@')).toSorted();
}

let readers: MetricReaders;
beforeAll(async () => {
  readers = await createMetricReaders();
});
afterAll(() => readers[Symbol.asyncDispose]());

test(
  'through a failover, all backends count it and agree on the connections before and after',
  { timeout: 120_000 },
  async () => {
    await using factory = createRedisFactory({
      service: 'orders',
      host: 'web-1',
      connection: topology().connection,
    });
    const clients = [factory.client(), factory.client()];
    for (const client of clients) client.on('error', () => undefined);
    await Promise.all(clients.map((client) => client.ping()));
    const settled = { 'command idle': 2, 'sentinel idle': 3 };
    await eventually(
      async () => expect(await readers.valuesBy('state', 'connections')).toEqual(settled),
      20_000,
    );
    await topology().failover();
    await eventually(async () => {
      expect(await readers.valuesBy('master', 'failovers_total')).toEqual({ mymaster: 1 });
      expect(await readers.valuesBy('state', 'connections')).toEqual(settled);
      const ledger = factory.connections().filter(({ state }) => state === 'ready');
      expect(ledger).toHaveLength(5);
      expect(await namesOnServers()).toEqual(ledger.map(({ name }) => name).toSorted());
      const { prometheus, openTelemetry, openTelemetryAsText } = await readers.read();
      expect(openTelemetry).toEqual(prometheus);
      expect(openTelemetryAsText).toEqual(prometheus);
      const target = {
        db_client_connection_pool_name: 'command sentinel://mymaster',
        db_system_name: 'redis',
      };
      const labels = Object.entries(target).map(([label, value]) => `${label}=${value}`);
      const key = `db_client_connection_count ${[...labels, 'db_client_connection_state=idle'].sort().join(' ')}`;
      expect(openTelemetry[key], 'a master of sentinels has no address').toBe(2);
    }, 30_000);
    expect((await readers.valuesBy('reason', 'connections_closed_total'))['command application_close']).toBe(
      2,
    );
  },
);
