// `node --require redis-hygiene/register app.js`
try {
  const { preload } = require('./preload.js') as { readonly preload: () => void };
  preload();
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_REQUIRE_ESM') throw error;
  const needed = 'redis-hygiene/register needs Node 20.19, 22.12 or later';
  process.emitWarning(`${needed}, this is ${process.version}: nothing is enforced.`, {
    type: 'RedisHygieneWarning',
    code: 'HYG_PRELOAD_NODE',
  });
}
