import { attributionSources } from '../../../src/doctor/attribution/attribution.js';
import { JSON_VERSION, type JsonCommand } from '../../../src/doctor/render/json-document.js';
import { bytes, count, exactly, list, matching, oneOf, seconds, shape, text, time, whole } from './kind.js';
import type { Field, Shape } from './shape.js';

/** The fields with which every document begins. */
export function head(command: JsonCommand): Readonly<Record<string, Field>> {
  return {
    schema: { kind: exactly(`redis-hygiene/${command}`), meaning: 'What this is.' },
    version: { kind: exactly(JSON_VERSION), meaning: 'The version of all documents, see above.' },
    at: { kind: time, meaning: 'When it was made, by the clock of the machine that asked.' },
    failures: {
      kind: list(shape('Failure')),
      meaning: 'What went wrong on the way: servers that could not be asked. Exit code 2 if there is one.',
    },
  };
}

const Failure: Shape = {
  meaning: 'Something that went wrong; the same is said on standard error.',
  fields: {
    code: { kind: matching('^HYG_[A-Z_]+$'), meaning: 'A stable code, see [errors](errors.md).' },
    message: { kind: text, meaning: 'For people: what happened, and what to do.' },
  },
};

/** The fields that a target has in every document. */
export const targetFields = {
  target: { kind: text, meaning: '`host:port`, the path of a unix socket, or the name of a file.' },
  kind: {
    kind: oneOf(['server', 'sentinel', 'list']),
    meaning: 'A Redis server, a Sentinel, or a `CLIENT LIST` that was saved.',
  },
  clients: { kind: count, meaning: 'Connections that it has, all kinds of them, this command’s own too.' },
  maxclients: {
    kind: count,
    meaning: 'How many it takes.',
    missing: 'where it does not say: a file, a Sentinel before Redis 7, a user without the right to ask',
  },
} as const satisfies Record<string, Field>;

const Attribution: Shape = {
  meaning: 'Who holds connections, and how that is known: see [attribution](attribution.md).',
  fields: {
    owner: { kind: text, meaning: 'What people call it.' },
    source: { kind: oneOf(attributionSources), meaning: 'Where it comes from.' },
    confidence: { kind: oneOf(['certain', 'likely', 'ambiguous']), meaning: 'How far it can be trusted.' },
    service: { kind: text, meaning: 'The service behind it.', missing: 'where it is not known' },
    host: { kind: text, meaning: 'Its host, container or pod.', missing: 'where it is not known' },
    role: {
      kind: text,
      meaning: 'What the connection is for, by its name.',
      missing: 'where it is not known',
    },
    note: {
      kind: text,
      meaning: 'More words: the image, why it is ambiguous.',
      missing: 'if there are none',
    },
  },
};

const since = (version: string) => `before ${version}, which does not tell it`;

/** One connection, in all documents. */
const rowFields = {
  id: { kind: count, meaning: 'Its id on the server.', missing: since('Redis 2.8.12') },
  addr: { kind: text, meaning: 'The client’s end: `ip:port`, `[ipv6]:port`, or `path:0` of a unix socket.' },
  ip: { kind: text, meaning: 'The same without its port.' },
  laddr: { kind: text, meaning: 'The server’s end.', missing: since('Redis 6.2') },
  name: { kind: text, meaning: 'Its name; empty for a nameless one.' },
  ageSeconds: { kind: seconds, meaning: 'Since it was opened.' },
  idleSeconds: { kind: seconds, meaning: 'Since something last went over it.' },
  flags: { kind: text, meaning: 'One letter each: `N` none, `P` Pub/Sub, `S` replica, `b` blocked, …' },
  db: { kind: whole, meaning: 'The database that it has selected.' },
  cmd: { kind: text, meaning: 'Its last command, in the server’s words; empty or `NULL` if there was none.' },
  sub: { kind: count, meaning: 'Channels that it is subscribed to.' },
  psub: { kind: count, meaning: 'Patterns that it is subscribed to.' },
  ssub: { kind: count, meaning: 'Shard channels that it is subscribed to; 0 before Redis 7.' },
  multi: { kind: count, meaning: 'Commands that are queued in MULTI.', missing: 'outside of one' },
  outputBufferBytes: { kind: bytes, meaning: 'Replies that wait for it to read (`omem`).' },
  memoryBytes: {
    kind: bytes,
    meaning: 'What it costs the server (`tot-mem`).',
    missing: since('Redis 6.2'),
  },
  user: { kind: text, meaning: 'Its ACL user.', missing: since('Redis 6') },
  libName: { kind: text, meaning: 'The client library.', missing: 'where it does not say so (Redis 7.2)' },
  libVer: { kind: text, meaning: 'The library’s version.', missing: 'where it does not say so (Redis 7.2)' },
  target: { kind: text, meaning: 'The server that it is connected to.' },
} as const satisfies Record<string, Field>;

const Row: Shape = {
  meaning: 'One connection, as `CLIENT LIST` shows it.',
  fields: rowFields,
};

const Tally: Shape = {
  meaning: 'How often something occurs.',
  fields: {
    value: { kind: text, meaning: 'What; empty if it was nothing.' },
    count: { kind: count, meaning: 'How often.' },
  },
};

/** Shapes that several documents have. */
export const commonShapes = { Failure, Attribution, Row, Tally };
