// Loads a client library, creates a client if it is told to, and sends the time that this took.
import { createRequire } from 'node:module';
import process from 'node:process';

const [how, specifier, client] = process.argv.slice(2);
const options = { lazyConnect: true };
const require = createRequire(import.meta.url);

const start = process.hrtime();
const library = how === 'import' ? await import(specifier) : require(specifier);
if (client === 'Redis') new library.Redis(options);
if (client === 'factory') library.createRedisFactory({ service: 'orders', host: 'web-1' }).client(options);
const [seconds, nanoseconds] = process.hrtime(start);
const ms = seconds * 1_000 + nanoseconds / 1_000_000;
process.send({ ms });
process.disconnect();
