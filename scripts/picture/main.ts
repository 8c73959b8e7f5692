// `npm run docs:picture`: runs the demo and writes what its terminal shows to docs/demo.svg.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderTerminal } from './terminal-svg.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const output = execFileSync('npm', ['run', '--silent', 'demo'], {
  cwd: ROOT,
  encoding: 'utf8',
  env: { ...process.env, FORCE_COLOR: '1' },
});
const title =
  'npm run demo: two services leak unnamed connections, one has named ones and closes them on SIGTERM';
writeFileSync(
  new URL('../../docs/demo.svg', import.meta.url),
  renderTerminal(title, `$ npm run demo\n${output}`),
);
