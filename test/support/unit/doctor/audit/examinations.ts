import { audit } from '../../../../../src/doctor/audit/audit.js';
import type { AuditOptions, Examination, Snapshot } from '../../../../../src/doctor/audit/audit-context.js';
import type { Finding } from '../../../../../src/doctor/audit/finding.js';
import type { FindingCode } from '../../../../../src/doctor/audit/finding-table.js';
import type { Attribution } from '../../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { parseConnectionName } from '../../../../../src/identity/connection-name.js';

/** By name where it is one of ours, else by address: what the doctor knows without any source. */
function plainOwner({ name, ip }: ClientRow): Attribution {
  const parts = parseConnectionName(name);
  if (!parts) return { owner: ip, source: 'address', confidence: 'likely' };
  const { service, host, role } = parts;
  return { owner: `${service}@${host}`, source: 'name', confidence: 'certain', service, host, role };
}

const NOW = 1_700_000_000_000;

interface Given extends Partial<Omit<Examination, 'now' | 'earlier' | 'config'>> {
  readonly rows?: readonly ClientRow[];
  readonly info?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, string>>;
  /** The look before, and how long ago it was. */
  readonly earlier?: {
    readonly rows: readonly ClientRow[];
    readonly info?: Readonly<Record<string, string>>;
    readonly seconds: number;
  };
}

function snapshot(at: number, rows: readonly ClientRow[], info: Readonly<Record<string, string>>): Snapshot {
  return { at, rows, info: new Map(Object.entries(info)) };
}

/** One look at a server that has been up for a day. */
export function examination({ rows = [], info = {}, config = {}, earlier, ...rest }: Given): Examination {
  const common = { uptime_in_seconds: '86400', run_id: 'a', ...info };
  return {
    ...{ target: '172.18.0.2:6379', kind: 'server', ownerOf: plainOwner },
    now: snapshot(NOW, rows, common),
    config: new Map(Object.entries(config)),
    ...(earlier && {
      earlier: snapshot(NOW - 1000 * earlier.seconds, earlier.rows, { ...common, ...earlier.info }),
    }),
    ...rest,
  };
}

/** The same rows as somebody kept them in a file: nothing else is known. */
export function kept(rows: readonly ClientRow[], rest: Given = {}): Examination {
  const { now, earlier, ...list } = examination({ rows, kind: 'list', target: 'client-list', ...rest });
  const info = new Map<string, string>();
  return { ...list, now: { ...now, info }, ...(earlier && { earlier: { ...earlier, info } }) };
}

const OPTIONS: AuditOptions = { heartbeatSeconds: 15 };

/** The findings of one kind. */
export function findingsOf(
  code: FindingCode,
  examinations: Examination | readonly Examination[],
  options: Partial<AuditOptions> = {},
): readonly Finding[] {
  const all = [examinations].flat();
  return audit(all as readonly Examination[], { ...OPTIONS, ...options }).filter(
    (finding) => finding.code === code,
  );
}

/** The codes that are found. */
export function codesOf(
  examinations: Examination | readonly Examination[],
  options: Partial<AuditOptions> = {},
): readonly FindingCode[] {
  const all = [examinations].flat() as readonly Examination[];
  return audit(all, { ...OPTIONS, ...options }).map(({ code }) => code);
}
