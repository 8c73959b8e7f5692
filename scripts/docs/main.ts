// `npm run docs`: writes the generated pages of docs/.
import { writeFileSync } from 'node:fs';
import { generatedPages } from './pages.js';

for (const [file, render] of Object.entries(generatedPages)) {
  writeFileSync(new URL(`../../docs/${file}`, import.meta.url), render());
}
