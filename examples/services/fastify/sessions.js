import { randomUUID } from 'node:crypto';

const LIFETIME_S = 3600;

/** Routes of a session, which ends by itself. */
export async function sessions(app) {
  app.post('/sessions', async ({ body }) => {
    const id = randomUUID();
    await app.redis.sessions.set(`sessions:${id}`, JSON.stringify(body), 'EX', LIFETIME_S);
    return { id };
  });

  app.get('/sessions/:id', async ({ params }, reply) => {
    const found = await app.redis.sessions.get(`sessions:${params.id}`);
    return found === null ? reply.code(404).send({ error: 'no such session' }) : JSON.parse(found);
  });
}
