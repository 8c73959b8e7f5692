// A factory that is never used keeps nothing alive, hooks included.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

installShutdownHooks(createRedisFactory());
