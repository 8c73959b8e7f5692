import { attributionSources } from '../../../src/doctor/attribution/attribution.js';
import { JSON_VERSION, type JsonCommand } from '../../../src/doctor/render/json-document.js';
import {
  bytes,
  constant,
  count,
  integer,
  list,
  matching,
  oneOf,
  seconds,
  shape,
  text,
  time,
} from './kind.js';
import type { Field, Shape } from './shape.js';

/** Fields with which every document begins. */
export function head(command: JsonCommand): Readonly<Record<string, Field>> {
  return {
    schema: { kind: constant(`redis-hygiene/${command}`), meaning: 'Type of the document.' },
    version: { kind: constant(JSON_VERSION), meaning: 'Version of all documents, see above.' },
    at: { kind: time, meaning: 'Time of the run, by the clock of the machine that ran the command.' },
    failures: {
      kind: list(shape('Failure')),
      meaning: 'Errors of servers that could not be asked. With any of them, the exit code is 2.',
    },
    warnings: {
      kind: list(text),
      meaning:
        'What the run did without, as text: a source of names that could not be asked, a right that is missing.',
    },
  };
}

const Failure: Shape = {
  meaning: 'An error. It is printed on standard error too.',
  fields: {
    code: { kind: matching('^HYG_[A-Z_]+$'), meaning: 'Stable code, see [errors](errors.md).' },
    message: { kind: text, meaning: 'What happened and what to do, as text.' },
  },
};

/** Fields of a target that all documents share. */
export const targetFields = {
  target: { kind: text, meaning: '`host:port`, the path of a unix socket, or the name of a file.' },
  kind: {
    kind: oneOf(['server', 'sentinel', 'list']),
    meaning: 'A Redis server, a Sentinel, or a saved `CLIENT LIST`.',
  },
  clients: {
    kind: count,
    meaning: 'Connections of the target: all kinds, including the one of this command.',
  },
  maxclients: {
    kind: count,
    meaning: 'Limit of connections.',
    missing: 'if it is unknown: for a file, a Sentinel before Redis 7, or a user who may not read it',
  },
} as const satisfies Record<string, Field>;

const Attribution: Shape = {
  meaning: 'Who holds connections, and how that is known: see [attribution](attribution.md).',
  fields: {
    owner: { kind: text, meaning: 'Name of the owner.' },
    source: { kind: oneOf(attributionSources), meaning: 'Source of the name.' },
    confidence: { kind: oneOf(['certain', 'likely', 'ambiguous']), meaning: 'How reliable the name is.' },
    service: { kind: text, meaning: 'Service of the owner.', missing: 'if it is unknown' },
    host: { kind: text, meaning: 'Host, container or pod of the owner.', missing: 'if it is unknown' },
    role: { kind: text, meaning: 'Purpose of the connection, from its name.', missing: 'if it is unknown' },
    note: {
      kind: text,
      meaning:
        'Details: the image, the folder of a process, the processes of a named owner, or why the address is ambiguous.',
      missing: 'if there are none',
    },
  },
};

const before = (version: string) => `before ${version}`;
const WITHOUT_LIBRARY = 'before Redis 7.2, and if the library does not report it';

/** Fields of one connection, in all documents. */
const rowFields = {
  id: { kind: count, meaning: 'Id on the server.', missing: before('Redis 2.8.12') },
  addr: {
    kind: text,
    meaning: 'Client end of the connection: `ip:port`, `[ipv6]:port`, or `path:0` for a unix socket.',
  },
  ip: { kind: text, meaning: 'Client end without its port.' },
  laddr: { kind: text, meaning: 'Server end of the connection.', missing: before('Redis 6.2') },
  name: { kind: text, meaning: 'Connection name; empty for an unnamed connection.' },
  ageSeconds: { kind: seconds, meaning: 'Time since the connection was opened.' },
  idleSeconds: { kind: seconds, meaning: 'Time since a command or message last went over it.' },
  flags: { kind: text, meaning: 'One letter each: `N` none, `P` Pub/Sub, `S` replica, `b` blocked, …' },
  db: { kind: integer, meaning: 'Selected database.' },
  cmd: { kind: text, meaning: 'Last command, as the server names it; empty or `NULL` if there was none.' },
  sub: { kind: count, meaning: 'Subscribed channels.' },
  psub: { kind: count, meaning: 'Subscribed patterns.' },
  ssub: { kind: count, meaning: 'Subscribed shard channels; 0 before Redis 7.' },
  multi: { kind: count, meaning: 'Commands queued in MULTI.', missing: 'outside of MULTI' },
  outputBufferBytes: { kind: bytes, meaning: 'Replies that wait to be read by the client (`omem`).' },
  memoryBytes: {
    kind: bytes,
    meaning: 'Memory of the connection on the server (`tot-mem`).',
    missing: before('Redis 6.2'),
  },
  user: { kind: text, meaning: 'ACL user.', missing: before('Redis 6') },
  libName: { kind: text, meaning: 'Client library.', missing: WITHOUT_LIBRARY },
  libVer: { kind: text, meaning: 'Version of the library.', missing: WITHOUT_LIBRARY },
  target: { kind: text, meaning: 'Server of the connection.' },
} as const satisfies Record<string, Field>;

const Row: Shape = {
  meaning: 'One connection, as in `CLIENT LIST`.',
  fields: rowFields,
};

const ValueCount: Shape = {
  meaning: 'A value and how often it occurs.',
  fields: {
    value: { kind: text, meaning: 'The value; empty if there was none.' },
    count: { kind: count, meaning: 'How often it occurs.' },
  },
};

/** Shapes that several documents use. */
export const commonShapes = { Failure, Attribution, Row, ValueCount };
