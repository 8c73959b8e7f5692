// Preloaded into the command line tool. Writes the peak memory of the process, in KiB, to file descriptor 3 at exit.
const { readFileSync, writeSync } = require('node:fs');

/** Peak of this program alone: on Linux `maxRSS` counts that of the process which started it, too. */
function peakKiB() {
  try {
    return /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  } catch {
    return String(process.resourceUsage().maxRSS);
  }
}

process.on('exit', () => writeSync(3, peakKiB()));
