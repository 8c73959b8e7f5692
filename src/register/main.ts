// What dist/register/preload.cjs is made of.
import { preload } from './preload.js';

preload();
