// A service that leaks as in incident 1: it makes an unnamed client for each request, pings it once and abandons it.
import { Redis } from 'ioredis';

const wanted = Number(process.env.CONNECTIONS);
const CALLERS = 50;
const abandoned = [];

async function request() {
  const client = new Redis(process.env.REDIS_URL);
  abandoned.push(client);
  await client.ping();
}

async function caller() {
  while (abandoned.length < wanted) await request();
}

await Promise.all(Array.from({ length: CALLERS }, caller));
console.log(`opened ${abandoned.length}`);
