import { createServer } from 'node:http';
import { startCounting, ticks, visit } from './counter.js';
import { hasSeen } from './subscriber.js';

const { audit, hasAudited } = await import('./audit.js');
const routes = { ticks, visit, seen: hasSeen, audited: hasAudited };

startCounting();
audit().catch((error) => console.error('The audit ended:', error.message));

const server = createServer(async ({ url }, response) => {
  const [, name = '', text = ''] = url.split('/');
  const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
  response.statusCode = route ? 200 : 404;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(route ? await route(text) : { error: 'not found' }));
});
server.listen(Number(process.env.PORT ?? 3000), () => console.log(`listening ${server.address().port}`));
