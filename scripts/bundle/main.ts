// A step of `npm run build`.
import { fileURLToPath } from 'node:url';
import { bundlePreload } from './bundle.js';

await bundlePreload(fileURLToPath(new URL('../../dist', import.meta.url)));
