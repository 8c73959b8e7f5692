// `npm run build`: builds src into dist, and writes THIRD-PARTY-NOTICES.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildCode } from './code.js';
import { writeEsModules } from './es-modules.js';
import { writeNotices } from './notices.js';
import { buildTypes } from './types.js';

const root = new URL('../../', import.meta.url);
const dist = fileURLToPath(new URL('dist', root));

rmSync(dist, { recursive: true, force: true });
const chunks = await buildCode(dist);
writeEsModules(dist);
writeNotices(
  fileURLToPath(new URL('THIRD-PARTY-NOTICES', root)),
  chunks.flatMap(({ moduleIds }) => moduleIds),
);
await buildTypes(dist);
