import type { ClientRow } from '../../client-list/row.js';
import { bytes as bytesOf, counted } from '../../render/words.js';
import type { Check } from '../check.js';
import { readBufferLimits, type BufferLimit } from '../buffer-limits.js';
import { holdersOf } from '../holders.js';
import { isSubscriber } from '../traits.js';
import { conclude } from '../verdict.js';
import { whoIs } from '../wording.js';

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
  return holdersOf(full, chart.ownerOf).map(({ claim, rows }) => {
    const bytes = rows.reduce((sum, { omem }) => sum + omem, 0);
    const [{ omem: largest } = { omem: 0 }] = rows;
    const summary = `${whoIs(claim)} does not read what it is sent: ${bytesOf(bytes)} wait for ${counted(rows.length, 'connection')}, up to ${bytesOf(largest)} for one.`;
    return conclude('output-buffers', chart, { summary, evidence: { bytes, largest }, claim, rows });
  });
};
