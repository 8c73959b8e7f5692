// Prints the runtime keys of ioredis and of the drop-in, for import and for require().
import { createRequire } from 'node:module';
import * as ioredis from 'ioredis';
import * as dropin from 'redis-hygiene/ioredis';

const require = createRequire(import.meta.url);
/** Without what Node adds to the imports of a CommonJS module. */
const keys = (value) =>
  Object.keys(value)
    .filter((key) => !['__esModule', 'module.exports'].includes(key))
    .sort();
console.log(
  JSON.stringify({
    version: require('ioredis/package.json').version,
    imported: [keys(ioredis), keys(dropin)],
    required: [keys(require('ioredis')), keys(require('redis-hygiene/ioredis'))],
    sameClass: require('redis-hygiene/ioredis') === dropin.default && dropin.default === dropin.Redis,
  }),
);
