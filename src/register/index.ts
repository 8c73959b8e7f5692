// `node --import redis-hygiene/register app.js`. The preload is one file, so that a program starts little later for it.
import { createRequire } from 'node:module';

createRequire(import.meta.url)('./preload.cjs');
