import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { events, queue } from './queue.js';
import { worker } from './worker.js';

const WAIT_MS = 10_000;

async function makeInvoice(request) {
  const job = await queue.add('total', await json(request), { removeOnComplete: 100, removeOnFail: 100 });
  return job.waitUntilFinished(events, WAIT_MS).catch((error) => ({ error: error.message }));
}

const routes = {
  'POST /invoices': makeInvoice,
  'GET /invoices/waiting': async () => ({ waiting: await queue.getWaitingCount() }),
};

await Promise.all([queue, events, worker].map((part) => part.waitUntilReady()));
const server = createServer(async (request, response) => {
  const route = routes[`${request.method} ${request.url}`];
  response.statusCode = route ? 200 : 404;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(route ? await route(request) : { error: 'not found' }));
});
server.listen(Number(process.env.PORT ?? 3000), () => console.log(`listening ${server.address().port}`));
