import type { ClientRow } from '../../client-list/client-row.js';
import { isSubscriber } from '../../client-list/row-activity.js';
import { bytes as bytesOf, counted } from '../../text/quantities.js';
import type { Check } from '../audit-context.js';
import { holdersOf, describeHolder } from '../connection-holders.js';
import { createFinding } from '../finding.js';

/** From here on a client is on its way to being cut off. */
const NEAR_LIMIT = 0.5;

/** Where nothing bounds it: what Redis allows a subscriber by default. A reply that large is no reply. */
const UNBOUNDED_BYTES = 32 * 1024 ** 2;

function classOf(row: ClientRow): 'replica' | 'pubsub' | 'normal' {
  if (row.flags.includes('S')) return 'replica';
  return isSubscriber(row) ? 'pubsub' : 'normal';
}

/** The bytes from which on the replies that wait for this client are too many. */
function allowed({ hard, soft }: BufferLimit): number {
  const limits = [hard, soft].filter((bytes) => bytes > 0);
  return limits.length > 0 ? NEAR_LIMIT * Math.min(...limits) : UNBOUNDED_BYTES;
}

/** Clients for which replies or messages pile up on the server. Replicas are among them. */
export const outputBuffers: Check = (chart) => {
  const limits = readBufferLimits(chart.config.get('client-output-buffer-limit') ?? '');
  const full = chart.now.rows
    .filter((row) => row.omem > 0 && row.omem >= allowed(limits[classOf(row)]))
    .sort((one, other) => other.omem - one.omem || one.id - other.id);
  return holdersOf(full, chart.ownerOf).map(({ attribution, rows }) => {
    const bytes = rows.reduce((sum, { omem }) => sum + omem, 0);
    const [{ omem: largest } = { omem: 0 }] = rows;
    const summary = `${describeHolder(attribution)} does not read what it is sent: ${bytesOf(bytes)} wait for ${counted(rows.length, 'connection')}, up to ${bytesOf(largest)} for one.`;
    return createFinding('output-buffers', chart, {
      summary,
      evidence: { bytes, largest },
      attribution,
      rows,
    });
  });
};

/** Bytes of replies that may wait for one client: `hard` at any time, `soft` for a while. 0 is no limit. */
export interface BufferLimit {
  readonly hard: number;
  readonly soft: number;
}

type ClientClass = 'normal' | 'replica' | 'pubsub';

/** What Redis does where nothing else is said. @see redis.conf, client-output-buffer-limit */
const DEFAULTS: Readonly<Record<ClientClass, BufferLimit>> = {
  normal: { hard: 0, soft: 0 },
  replica: { hard: 256 * 1024 ** 2, soft: 64 * 1024 ** 2 },
  pubsub: { hard: 32 * 1024 ** 2, soft: 8 * 1024 ** 2 },
};

/** `slave` until Redis 5, and in the answer of CONFIG GET to this day. */
const CLASSES: Readonly<Record<string, ClientClass>> = {
  normal: 'normal',
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
};

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1, k: 1000, kb: 1024, m: 1000 ** 2, mb: 1024 ** 2, g: 1000 ** 3, gb: 1024 ** 3 },
};

/** A size as configuration files have it: `64mb`. */
function readSize(text = ''): number {
  const [, amount = 'NaN', unit = ''] = /^(\d+)([a-z]*)$/i.exec(text) ?? [];
  return Number(amount) * (UNITS[unit.toLowerCase()] ?? NaN);
}

/** Reads `normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60`. What it does not say is the default. */
export function readBufferLimits(text: string): Readonly<Record<ClientClass, BufferLimit>> {
  const words = text.trim().split(/\s+/);
  const limits = { ...DEFAULTS };
  for (let at = 0; at + 3 < words.length; at += 4) {
    const kind = CLASSES[words[at] ?? ''];
    const [hard, soft] = [readSize(words[at + 1]), readSize(words[at + 2])];
    if (kind && !Number.isNaN(hard) && !Number.isNaN(soft)) limits[kind] = { hard, soft };
  }
  return limits;
}
