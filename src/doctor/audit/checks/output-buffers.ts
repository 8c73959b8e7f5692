import type { ClientRow } from '../../client-list/client-row.js';
import { isSubscriber } from '../../client-list/row-activity.js';
import { formatBytes, formatCount } from '../../text/quantities.js';
import type { Check } from '../audit-context.js';
import { describeHolder, holdersOf } from '../connection-holders.js';
import { createFinding } from '../finding.js';

/** Limits on the replies that may wait for one client, in bytes. 0 means no limit. */
export interface BufferLimit {
  /** Limit at any time. */
  readonly hard: number;
  /** Limit for a longer time. */
  readonly soft: number;
}

type ClientClass = 'normal' | 'replica' | 'pubsub';

/** Share of the limit from which a client is likely to be disconnected soon. */
const NEAR_LIMIT_SHARE = 0.5;

/**
 * Threshold in bytes for a client without a limit: the default limit of Redis for subscribers. No ordinary reply is that
 * large.
 */
const UNLIMITED_THRESHOLD_BYTES = 32 * 1024 ** 2;

/** Clients, including replicas, for which replies or messages pile up on the server. */
export const outputBuffers: Check = (context) => {
  const limits = readBufferLimits(context.config.get('client-output-buffer-limit') ?? '');
  const full = context.now.rows
    .filter((row) => row.omem > 0 && row.omem >= thresholdOf(limits[clientClassOf(row)]))
    .sort((one, other) => other.omem - one.omem || one.id - other.id);
  return holdersOf(full, context.ownerOf).map((holder) => {
    const { attribution, rows } = holder;
    const bytes = rows.reduce((sum, { omem }) => sum + omem, 0);
    const [{ omem: largest } = { omem: 0 }] = rows;
    const summary = `${describeHolder(holder)} does not read what the server sends: ${formatBytes(bytes)} wait in the output buffers of ${formatCount(rows.length, 'connection')}, up to ${formatBytes(largest)} in one.`;
    return createFinding('output-buffers', context, {
      summary,
      evidence: { bytes, largest },
      attribution,
      rows,
    });
  });
};

function clientClassOf(row: ClientRow): ClientClass {
  if (row.flags.includes('S')) return 'replica';
  return isSubscriber(row) ? 'pubsub' : 'normal';
}

/** Bytes of waiting replies from which on a client is reported. */
function thresholdOf({ hard, soft }: BufferLimit): number {
  const limits = [hard, soft].filter((bytes) => bytes > 0);
  return limits.length > 0 ? NEAR_LIMIT_SHARE * Math.min(...limits) : UNLIMITED_THRESHOLD_BYTES;
}

/** Limits of an unconfigured server. @see redis.conf, client-output-buffer-limit */
const DEFAULT_LIMITS: Readonly<Record<ClientClass, BufferLimit>> = {
  normal: { hard: 0, soft: 0 },
  replica: { hard: 256 * 1024 ** 2, soft: 64 * 1024 ** 2 },
  pubsub: { hard: 32 * 1024 ** 2, soft: 8 * 1024 ** 2 },
};

/** Class names. Redis up to version 5 writes `slave`, and CONFIG GET still answers with it. */
const CLASS_NAMES: Readonly<Record<string, ClientClass>> = {
  normal: 'normal',
  slave: 'replica',
  replica: 'replica',
  pubsub: 'pubsub',
};

/** Reads `normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60`. A missing class has the default. */
export function readBufferLimits(text: string): Readonly<Record<ClientClass, BufferLimit>> {
  const words = text.trim().split(/\s+/);
  const limits = { ...DEFAULT_LIMITS };
  for (let index = 0; index + 3 < words.length; index += 4) {
    const clientClass = CLASS_NAMES[words[index] ?? ''];
    const [hard, soft] = [readSize(words[index + 1]), readSize(words[index + 2])];
    if (clientClass && !Number.isNaN(hard) && !Number.isNaN(soft)) limits[clientClass] = { hard, soft };
  }
  return limits;
}

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1, k: 1000, kb: 1024, m: 1000 ** 2, mb: 1024 ** 2, g: 1000 ** 3, gb: 1024 ** 3 },
};

/** Bytes of a size as written in configuration files: `64mb`. `NaN` for other text. */
function readSize(text = ''): number {
  const [, amount = 'NaN', unit = ''] = /^(\d+)([a-z]*)$/i.exec(text) ?? [];
  return Number(amount) * (BYTES_PER_UNIT[unit.toLowerCase()] ?? NaN);
}
