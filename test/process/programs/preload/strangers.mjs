// Clients that the preload can only name.
import { GlideClient } from '@valkey/valkey-glide';
import Valkey from 'iovalkey';
import four from 'lib-four';
import { createClient, createClientPool } from 'redis';

const url = process.env.REDIS_URL;
const { hostname: host, port: digits } = new URL(url);
const port = Number(digits);

const node = await createClient({ url }).connect();
const named = await createClient({ url, name: 'cache' }).connect();
const pool = await createClientPool({ url }, { minimum: 2 }).connect();
const valkey = new Valkey(url);
const old = four.open(url);
const glide = await GlideClient.createClient({ addresses: [{ host, port }] });
const replies = [
  await valkey.ping(),
  await old.ping(),
  await node.ping(),
  await pool.ping(),
  String(await glide.ping()),
];
const rows = (await node.sendCommand(['CLIENT', 'LIST'])).trim().split('\n');
process.send({ names: rows.map((row) => /name=(\S*)/.exec(row)[1]).sort(), replies });
for (const client of [node, named, pool]) client.destroy();
for (const client of [valkey, old]) client.disconnect();
glide.close();
process.disconnect();
