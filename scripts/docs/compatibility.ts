import { libraries, type Library } from '../../test/compatibility/libraries.js';
import type { CellResult, Way } from '../../test/compatibility/rig/cell.js';
import { ioredisVersions, type Major } from '../../test/compatibility/rig/install.js';
import { readResults, type Results } from '../../test/compatibility/rig/results.js';
import { table } from './markdown.js';

const majors = Object.keys(ioredisVersions).map(Number) as Major[];

/** Renders docs/compatibility.md from the results of the last run of the tests that was kept. */
export function compatibilityPage(): string {
  const results = new Map(majors.map((major) => [major, readResults(major)]));
  const versions = majors.map((major) => ioredisVersions[major]).join(' and ');
  return `<!-- Made by \`npm run docs\` from the results of \`npm run test:compatibility\`. Do not edit. -->

# Libraries that use Redis

Each library did its own work with redis-hygiene, on ioredis ${versions} and on a real Redis server, in a process of its own. A
cell is ✓ if, on both majors,

- the result of the work was right;
- every socket of the process was in \`CLIENT LIST\` with a name of ours (or \`bull:…\`), and in the ledger;
- after what has to be closed first was closed, and then \`shutdown()\` was called, or with the preload its signal came, the
  server had none of these connections any more;
- the process then ended by itself, with code 0, and had printed nothing.

What is not so is told in the cell. \`npm run test:compatibility\` runs all of it, and fails if a result has changed.

| column | how the library gets its connections |
| --- | --- |
| client | \`redis.client()\` of a factory, and its duplicates |
| options | \`redis.options('role')\` of a factory: the library builds its own clients |
| preload | nothing of ours: plain ioredis, in each form that the library takes, under \`--import redis-hygiene/register\` |

${table(['library', 'its work', 'client', 'options', 'preload', 'close first', 'what to know'], libraries.map(rowOf(results)))}

## Names in CLIENT LIST

The connections that each library had, by name, for the service \`orders\` on the host \`web-1\`. After an arrow is the name in
the ledger, where it is another one: the library has named that connection again by \`client.client('SETNAME', …)\`. The server
keeps that name until the connection is lost. An [orphan](liveness.md) of it is recognised by that name, except where the library
has built the client from \`redis.options()\`: then it is not reaped.

${table(['library', 'client', 'options', 'preload, client', 'preload, options'], libraries.map(namesOf(results)))}

${OTHER_CLIENTS}`;
}

const OTHER_CLIENTS = `## Libraries for other clients than ioredis

A factory makes clients of ioredis, so a library that takes only node-redis or GLIDE gets nothing from it. Under the
[preload](preload.md#clients-that-are-observed) its clients are observed:

${table(
  ['', 'ioredis', 'node-redis', 'Valkey GLIDE'],
  [
    ['name in CLIENT LIST', 'yes', 'yes', 'yes'],
    ['ledger, with call site and state', 'yes', 'yes', 'yes, as far as it tells of its connections'],
    ['budget counts it', 'yes', 'yes', 'yes'],
    ['a line with too many clients is a `suspect`', 'yes', 'yes', 'yes'],
    ['closed at shutdown', 'yes', 'yes', 'yes'],
    ['heartbeat: a half-open connection is found and closed', 'yes', 'no', 'no'],
    ['orphans are reaped', 'yes', 'no', 'no'],
    ['dial limiter, backoff, a full server is waited for', 'yes', 'no', 'no'],
    ['`clientId`, bytes and local port in the ledger', 'yes', 'no', 'no'],
  ],
)}

Where node-redis is used, set its own \`pingInterval\` and \`socketTimeout\`, as no heartbeat of ours finds a dead peer. Where a
library exists in a version for ioredis, such as connect-redis 8, prefer that one. Older clients, such as node_redis 3 of
bee-queue, are not even named.
`;

function titleOf({ program, title, packageName }: Library, results: Results): string {
  return `${title ?? packageName} ${(results[program]?.version ?? '').replace(/^v/, '')}`;
}

type ResultsByMajor = ReadonlyMap<Major, Results>;

const rowOf = (results: ResultsByMajor) => (library: Library) => {
  const { client, options, work, closeFirst = 'nothing', note = '' } = library;
  const form = (taken: Library['client'], way: Way) =>
    taken === 'yes' ? cellOf(library, [way], results) : `– ${taken.no}`;
  const preload = cellOf(library, ['preload-client', 'preload-options'], results);
  return [
    titleOf(library, results.get(6) ?? {}),
    work,
    form(client, 'client'),
    form(options, 'options'),
    preload,
    closeFirst,
    note,
  ];
};

/** What has become of a library in some ways, on both majors. */
function cellOf({ program }: Library, ways: readonly Way[], results: ResultsByMajor): string {
  const found = ways.flatMap((way) =>
    majors.flatMap((major) => {
      const cell = results.get(major)?.[program]?.cells[way];
      return cell ? [{ way, major, cell }] : [];
    }),
  );
  if (found.length === 0) return '–';
  const failures = found.flatMap(({ way, major, cell }) =>
    cell.status === 'failed' ? [{ form: way.replace('preload-', ''), major, why: cell.why }] : [],
  );
  if (failures.length === 0) return '✓';
  const forms = [...new Set(found.map(({ way }) => way.replace('preload-', '')))];
  return forms.map((form) => formOf(form, forms.length, failures)).join('; ');
}

function formOf(
  form: string,
  forms: number,
  failures: readonly { readonly form: string; readonly major: Major; readonly why: string }[],
): string {
  const own = failures.filter((failure) => failure.form === form);
  const label = forms > 1 ? `${form} ` : '';
  if (own.length === 0) return `${label}✓`;
  const reasons = [...new Set(own.map(({ why }) => why))];
  const on = (why: string) => own.filter((one) => one.why === why).map(({ major }) => major);
  return reasons
    .map(
      (why) => `${label}✗ ${on(why).length < majors.length ? `on ioredis ${on(why).join(', ')} ` : ''}${why}`,
    )
    .join('; ');
}

const namesOf = (results: ResultsByMajor) => (library: Library) => [
  titleOf(library, results.get(6) ?? {}),
  ...(['client', 'options', 'preload-client', 'preload-options'] as const).map((way) => {
    const texts = majors.map((major) => connectionsOf(results.get(major)?.[library.program]?.cells[way]));
    return [...new Set(texts)].join(' / ') || '–';
  }),
];

/** The names of a cell, each with the number of its connections. */
function connectionsOf(cell: CellResult | undefined): string {
  if (cell?.status !== 'passed') return '';
  const { names, renamed = {} } = cell;
  return Object.entries(names)
    .map(([name, count]) => {
      const known = renamed[name] ? ` → \`${renamed[name]}\`` : '';
      return `${count} × \`${name}\`${known}`;
    })
    .join(', ');
}
