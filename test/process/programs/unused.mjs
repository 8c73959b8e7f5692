// A factory with shutdown hooks that is never used. It does not keep the process alive.
import { createRedisFactory, installShutdownHooks } from 'redis-hygiene';

installShutdownHooks(createRedisFactory());
