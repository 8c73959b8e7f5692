const express = require('express');
const events = require('./events');
const { redis } = require('./redis');

const CACHED_S = 60;
const app = express();
app.use(express.json());

app.post('/orders/:id/views', async (request, response) => {
  response.json({ views: await redis.incr(`orders:${request.params.id}:views`) });
});

app.get('/prices/:sku', async (request, response) => {
  const key = `prices:${request.params.sku}`;
  const known = await redis.get(key);
  if (known !== null) return response.json({ cents: Number(known), cached: true });
  const cents = request.params.sku.length * 100; // stands for a slow question to another service
  await redis.set(key, cents, 'EX', CACHED_S);
  response.json({ cents, cached: false });
});

app.post('/events', async (request, response) => {
  await events.publish(request.body.text);
  response.status(202).json({ published: request.body.text });
});

app.get('/events', (_request, response) => {
  response.json(events.received());
});

events.listen().then(() => {
  const server = app.listen(Number(process.env.PORT ?? 3000), () => {
    console.log(`listening ${server.address().port}`);
  });
});
