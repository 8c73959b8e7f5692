// Preloaded where a process is to see ioredis 5: every require('ioredis') finds the copy installed as "ioredis5".
const Module = require('node:module');

const resolve = Module._resolveFilename;
Module._resolveFilename = function resolveIoredis5(request, ...rest) {
  return resolve.call(this, request.replace(/^ioredis(?=\/|$)/, 'ioredis5'), ...rest);
};
