// Prints the identity that is detected without options.
import { createRedisFactory } from 'redis-hygiene';

console.log(JSON.stringify(createRedisFactory().identity));
