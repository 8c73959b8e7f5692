// `require('redis-hygiene/eslint')` gives the plugin itself.
import eslint = require('./plugin.js');
export = eslint.plugin;
