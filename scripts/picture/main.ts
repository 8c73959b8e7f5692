// `npm run docs:picture`: runs the demo and writes what its terminal shows to docs/demo.svg.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { buildIfNeeded, ROOT } from '../build/if-needed.js';
import { renderTerminal } from './terminal-svg.js';

/** Columns of the terminal. The doctor wraps its text to them. */
const COLUMNS = 100;

/** The folder that the picture shows, in the place of this clone. */
const CLONE = '/srv/redis-hygiene/';

await buildIfNeeded((line) => process.stdout.write(`${line}\n`));
// `script` of util-linux runs a command in a pseudo-terminal.
const command = `stty cols ${COLUMNS}; npm run --silent demo`;
const output = execFileSync('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
  cwd: ROOT,
  encoding: 'utf8',
  env: { ...process.env, TERM: 'xterm' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const title =
  'npm run demo: two services leak unnamed connections, a third has named ones and closes them on SIGTERM, and the doctor names the two programs that leak, with what to do';
writeFileSync(
  new URL('../../docs/demo.svg', import.meta.url),
  renderTerminal(title, `$ npm run demo\n${output.replaceAll('\r', '').replaceAll(ROOT, CLONE)}`),
);
