// `node --import redis-hygiene/register app.js`
import { preload } from './preload.js';

preload();
