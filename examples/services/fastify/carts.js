/** Routes of a cart: what lies in it, by article. */
export async function carts(app) {
  app.put('/carts/:id/:sku', async ({ params, body }) => {
    await app.redis.carts.hset(`carts:${params.id}`, params.sku, body.quantity);
    return { quantity: body.quantity };
  });

  app.get('/carts/:id', async ({ params }) => {
    const items = await app.redis.carts.hgetall(`carts:${params.id}`);
    const quantities = Object.values(items).map(Number);
    return { items, quantity: quantities.reduce((sum, quantity) => sum + quantity, 0) };
  });
}
