import { DEFAULT_ROLE, parseConnectionName } from '../../identity/connection-name.js';
import type { ClientRow } from '../client-list/client-row.js';
import { sendsHeartbeat } from '../client-list/row-activity.js';
import type { KernelLook, KernelVerdict, Unanswered } from '../kernel/kernel-look.js';
import { formatSeconds } from '../text/quantities.js';

/** Why a connection may be closed. */
export const proofTable = {
  'peer-kernel': {
    meaning: 'The kernel of its client has no such connection, or none that a process owns.',
    isPermanent: true,
  },
  'server-kernel': {
    meaning: 'The kernel of the server sends to its client in vain, in both looks.',
    isPermanent: false,
  },
  record: {
    meaning: 'Its service has given it up, and recorded its id and the run of the server (`--orphans`).',
    isPermanent: true,
  },
  assumption: {
    meaning: 'It sends no heartbeat any more for longer than `--assume-dead-after`.',
    isPermanent: false,
  },
  filter: { meaning: 'It matches `--where`, and `--stale` was not given.', isPermanent: false },
} as const;

export type ProofKind = keyof typeof proofTable;

/** Whether a proof stays true: a connection that its client does not have any more never comes back. */
export function isPermanent(proof: ProofKind): boolean {
  return proofTable[proof].isPermanent;
}

/** What is to be done with a row, and the reason for messages. */
export type Verdict =
  | {
      readonly kind: 'close';
      readonly proof: ProofKind;
      readonly why: string;
      readonly unanswered?: Unanswered;
    }
  /** The connection is silent, and nothing proves that its client is gone. */
  | { readonly kind: 'leave'; readonly why: string }
  | { readonly kind: 'healthy' };

/** What a judge knows beside the row itself. */
export interface JudgeOptions {
  /** Heartbeat interval of the services, by which silence is noticed. */
  readonly heartbeatSeconds: number;
  /** Silence after which a connection that sends heartbeats is assumed to be dead; `undefined`: never. */
  readonly assumeDeadAfterSeconds: number | undefined;
  readonly isRecorded: (row: ClientRow) => boolean;
  readonly kernelLook: KernelLook;
}

const HEALTHY: Verdict = { kind: 'healthy' };

/** Judges a row by proof. A kernel that has the client's socket outweighs everything else. */
export function judgeRow(row: ClientRow, options: JudgeOptions): Verdict {
  const kernel = options.kernelLook(row);
  if (kernel.kind === 'alive') return HEALTHY;
  const silence = `silent for ${formatSeconds(row.idle)}`;
  if (kernel.kind === 'gone') return close('peer-kernel', `${goneReason(kernel)}, ${silence}`);
  if (options.isRecorded(row)) return close('record', `given up by its service (--orphans), ${silence}`);
  if (kernel.kind === 'unanswered') {
    const why = `its client did not answer the server’s kernel ${kernel.times} times, ${silence}`;
    return { ...close('server-kernel', why), unanswered: { times: kernel.times, nextMs: kernel.nextMs } };
  }
  return judgeSilence(row, kernel, options);
}

function goneReason({ isClosing }: Extract<KernelVerdict, { kind: 'gone' }>): string {
  return isClosing
    ? 'no process of its client’s machine has the connection open any more'
    : 'its client’s kernel does not have the connection';
}

function close(proof: ProofKind, why: string) {
  return { kind: 'close', proof, why } as const;
}

/** Verdict of a filter without proof: the user has chosen these connections. */
export function selectedVerdict({ idle }: ClientRow): Verdict {
  return close('filter', `silent for ${formatSeconds(idle)}, matches the filter`);
}

/** Missed heartbeats after which an unproven connection is mentioned. */
const NOTABLE_HEARTBEATS = 3;

function judgeSilence(
  row: ClientRow,
  { why }: Extract<KernelVerdict, { kind: 'unknown' }>,
  { heartbeatSeconds, assumeDeadAfterSeconds }: JudgeOptions,
): Verdict {
  const isNotable = row.idle > NOTABLE_HEARTBEATS * heartbeatSeconds;
  if (!isNotable || parseConnectionName(row.name) === undefined) return HEALTHY;
  if (!sendsHeartbeat(row)) return { kind: 'leave', why: `${silentReason(row)}, and ${why}` };
  if (assumeDeadAfterSeconds === undefined) return { kind: 'leave', why };
  const silence = `silent for ${formatSeconds(row.idle)}`;
  if (row.idle >= assumeDeadAfterSeconds) {
    const limit = formatSeconds(assumeDeadAfterSeconds);
    return close('assumption', `${silence}, assumed to be dead after ${limit}`);
  }
  return { kind: 'leave', why: `shorter than --assume-dead-after, and ${why}` };
}

/** Why a connection in the format of our names may be silent. */
function silentReason({ flags, multi, name, libName }: ClientRow): string {
  if (flags.includes('b')) return 'it waits in a blocking command';
  if (flags.includes('x') || multi >= 0) return 'it is in a transaction';
  if (libName !== '' && !libName.startsWith('ioredis')) return 'it is a connection of another library';
  const role = parseConnectionName(name)?.role ?? DEFAULT_ROLE;
  if (role === DEFAULT_ROLE) return 'that its name is one of redis-hygiene is not certain';
  return `whether clients of the role ${role} send heartbeats is not known`;
}
