// Prints the error of a factory that cannot be created.
import { createRedisFactory } from 'redis-hygiene';

try {
  createRedisFactory();
} catch ({ name, code, message }) {
  console.log(JSON.stringify({ name, code, message }));
}
