// Prints the packages that the import of an entry point loads.
import { createRequire } from 'node:module';

await import(process.env.ENTRY);
const loaded = Object.keys(createRequire(import.meta.url).cache).map((file) =>
  file.replace(/.*node_modules\/((?:@[^/]+\/)?[^/]+)\/.*/, '$1'),
);
console.log(JSON.stringify([...new Set(loaded)].sort()));
