// Loaded before the command line: says at its end how much memory it took at most, in KiB, on descriptor 3.
const { writeSync } = require('node:fs');

process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));
