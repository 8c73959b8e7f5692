// `node --import redis-hygiene/register app.js`. The preload is bundled into one file, so that programs start quickly.
import { createRequire } from 'node:module';

createRequire(import.meta.url)('./preload.cjs');
