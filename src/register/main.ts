// Entry point of the bundle dist/register/preload.cjs.
import { preload } from './preload.js';

preload();
