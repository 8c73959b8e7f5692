// `require('redis-hygiene/eslint')` returns the plugin itself.
import eslint = require('./plugin.js');
export = eslint.plugin;
