// `npm run docs` writes the generated files of docs/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { generatedPages } from './pages.js';

const docs = new URL('../../docs/', import.meta.url);
mkdirSync(new URL('schema/', docs), { recursive: true });
for (const [file, render] of Object.entries(generatedPages)) {
  writeFileSync(new URL(file, docs), render());
}
