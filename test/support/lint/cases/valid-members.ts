import type { LintCase } from './case.js';

/** Exports of the libraries that create no clients. */
export const validMembers: readonly LintCase[] = [
  {
    title: 'instanceof',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nexport const is = (x) => x instanceof Redis;\n`,
  },
  {
    title: 'errors',
    language: 'module',
    code: `import { ReplyError } from 'ioredis';\nthrow new ReplyError('no');\n`,
  },
  {
    title: 'errors of the class',
    language: 'commonjs',
    code: `const Redis = require('ioredis');\nthrow new Redis.ReplyError('no');\n`,
  },
  {
    title: 'Command',
    language: 'module',
    code: `import Redis, { Command } from 'ioredis';\nnew Command('get', []);\nnew Redis.Command('get', []);\n`,
  },
  {
    title: 'Command.setArgumentTransformer',
    language: 'module',
    code: `import { Command } from 'ioredis';\nCommand.setArgumentTransformer('hset', (x) => x);\n`,
  },
  {
    title: 'print and constants',
    language: 'module',
    code: `import { print, defaultOptions } from 'ioredis';\nprint(null, defaultOptions.port);\n`,
  },
  {
    title: 'prototype',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nRedis.prototype.sendCommand.toString();\n`,
  },
  {
    title: 'extends an error',
    language: 'module',
    code: `import { ReplyError } from 'ioredis';\nexport class Mine extends ReplyError {}\n`,
  },
  {
    title: 'connectors and streams',
    language: 'module',
    code: `import { AbstractConnector, ScanStream } from 'ioredis';\nexport class C extends AbstractConnector {}\nnew ScanStream({});\n`,
  },
  { title: 'export of errors', language: 'module', code: `export { ReplyError, Command } from 'ioredis';\n` },
  {
    title: 'export of an error by assignment',
    language: 'commonjs',
    code: `exports.ReplyError = require('ioredis').ReplyError;\nmodule.exports = { Command: require('ioredis').Command };\n`,
  },
  {
    title: 'errors of redis',
    language: 'module',
    code: `import { ErrorReply, WatchError } from 'redis';\nnew WatchError();\nexport { ErrorReply };\n`,
  },
  {
    title: 'scripts and schemas of redis',
    language: 'module',
    code: `import { defineScript, SCHEMA_FIELD_TYPE } from 'redis';\ndefineScript({});\nexport { SCHEMA_FIELD_TYPE };\n`,
  },
  {
    title: 'batches of GLIDE',
    language: 'module',
    code: `import { Batch, Decoder, Script } from '@valkey/valkey-glide';\nnew Batch(true);\nnew Script('return 1');\nexport { Decoder };\n`,
  },
  {
    title: 'a path inside the package that creates no clients',
    language: 'module',
    code: `import { parseURL } from 'ioredis/built/utils';\nimport Command from 'ioredis/built/Command';\nparseURL('');\nnew Command('get');\n`,
  },
  {
    title: 'import for its side effects',
    language: 'module',
    code: `import 'ioredis';\nrequire('redis');\n`,
  },
  {
    title: 'passed to a function',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nimport { instrument } from './instrument.js';\ninstrument(Redis);\ninstrument({ Redis });\n`,
  },
  {
    title: 'methods of a client that is a parameter',
    language: 'module',
    code: `import { Redis } from 'ioredis';\nexport function f(redis) {\n  if (redis instanceof Redis) return redis.duplicate().get('x');\n  return redis.createClient();\n}\n`,
  },
];
