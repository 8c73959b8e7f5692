import { audit } from '../../../../../src/doctor/audit/audit.js';
import type { AuditOptions, Examination, Snapshot } from '../../../../../src/doctor/audit/audit-context.js';
import type { Finding } from '../../../../../src/doctor/audit/finding.js';
import type { FindingCode } from '../../../../../src/doctor/audit/finding-table.js';
import type { Attribution } from '../../../../../src/doctor/attribution/attribution.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import { parseConnectionName } from '../../../../../src/identity/connection-name.js';

/** Attributes a row by its name if redis-hygiene gave it, else by its address. */
function ownerByNameOrAddress({ name, ip }: ClientRow): Attribution {
  const parts = parseConnectionName(name);
  if (!parts) return { owner: ip, source: 'address', confidence: 'likely' };
  const { service, host, role } = parts;
  return { owner: `${service}@${host}`, source: 'name', confidence: 'certain', service, host, role };
}

const NOW_MS = 1_700_000_000_000;

interface ExaminationOptions extends Partial<Omit<Examination, 'now' | 'earlier' | 'config'>> {
  readonly rows?: readonly ClientRow[];
  readonly info?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, string>>;
  /** The first snapshot, and how long ago it was taken. */
  readonly earlier?: {
    readonly rows: readonly ClientRow[];
    readonly info?: Readonly<Record<string, string>>;
    readonly seconds: number;
  };
}

function snapshot(at: number, rows: readonly ClientRow[], info: Readonly<Record<string, string>>): Snapshot {
  return { at, rows, info: new Map(Object.entries(info)) };
}

/** Examination of a server that has been up for a day. */
export function examination({
  rows = [],
  info = {},
  config = {},
  earlier,
  ...rest
}: ExaminationOptions): Examination {
  const common = { uptime_in_seconds: '86400', run_id: 'a', ...info };
  return {
    ...{ target: '172.18.0.2:6379', kind: 'server', ownerOf: ownerByNameOrAddress },
    now: snapshot(NOW_MS, rows, common),
    config: new Map(Object.entries(config)),
    ...(earlier && {
      earlier: snapshot(NOW_MS - 1000 * earlier.seconds, earlier.rows, { ...common, ...earlier.info }),
    }),
    ...rest,
  };
}

/** Examination of a saved list, of which only the rows are known. */
export function saved(rows: readonly ClientRow[], rest: ExaminationOptions = {}): Examination {
  const { now, earlier, ...list } = examination({ rows, kind: 'list', target: 'client-list', ...rest });
  const info = new Map<string, string>();
  return { ...list, now: { ...now, info }, ...(earlier && { earlier: { ...earlier, info } }) };
}

const OPTIONS: AuditOptions = { heartbeatSeconds: 15 };

/** The findings with this code. */
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

/** The codes of all findings. */
export function codesOf(
  examinations: Examination | readonly Examination[],
  options: Partial<AuditOptions> = {},
): readonly FindingCode[] {
  const all = [examinations].flat() as readonly Examination[];
  return audit(all, { ...OPTIONS, ...options }).map(({ code }) => code);
}
