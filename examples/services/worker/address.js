const { hostname, port } = new URL(process.env.REDIS_URL ?? 'redis://localhost:6379');

/** Where Redis listens. */
export const address = { host: hostname, port: Number(port || 6379) };
