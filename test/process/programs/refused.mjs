// A factory that cannot be made says why.
import { createRedisFactory } from 'redis-hygiene';

try {
  createRedisFactory();
} catch ({ name, code, message }) {
  console.log(JSON.stringify({ name, code, message }));
}
