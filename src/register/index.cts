// `node --require redis-hygiene/register app.js`
require('./preload.cjs');
