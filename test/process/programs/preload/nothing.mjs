// A program without Redis.
import Module from 'node:module';

const loaded = Object.keys(Module._cache).concat(process.moduleLoadList);
console.log(JSON.stringify({ enforcing: loaded.some((file) => file.includes('register/enforced')) }));
