// Who am I, without being told?
import { createRedisFactory } from 'redis-hygiene';

console.log(JSON.stringify(createRedisFactory().identity));
