import { createAttributor } from '../../../../../src/doctor/attribution/attribute.js';
import { nothingIsLocal } from '../../../../../src/doctor/attribution/ip-address.js';
import { rowResolvers } from '../../../../../src/doctor/attribution/row-resolvers.js';
import { audit } from '../../../../../src/doctor/audit/audit.js';
import type { Finding } from '../../../../../src/doctor/audit/finding.js';
import type { ClientRow } from '../../../../../src/doctor/client-list/client-row.js';
import type { KeptRow } from '../../../../../src/doctor/client-list/row-table.js';
import { attributeExaminations } from '../../../../../src/doctor/sources/examine.js';

/** The rows with ids in the order of their ages, as a server gives them. */
export function withIds(rows: readonly ClientRow[]): ClientRow[] {
  const oldestFirst = [...rows].sort((one, other) => other.age - one.age);
  return oldestFirst.map((row, index) => {
    const port = 20_000 + (index % 40_000);
    return { ...row, id: index + 1, port, addr: `${row.ip}:${port}` };
  });
}

function keptRows(rows: readonly ClientRow[]): KeptRow[] {
  return rows.map((row) => ({ ...row, peer: -1 }));
}

interface ListOptions {
  readonly earlier?: readonly ClientRow[];
  readonly seconds?: number;
}

/** Findings of a saved list whose owners are found as the doctor finds them, by the rows alone. */
export async function findingsInRows(
  rows: readonly ClientRow[],
  { earlier, seconds = 10 }: ListOptions = {},
): Promise<readonly Finding[]> {
  const at = Date.UTC(2026, 10, 1);
  const info = new Map<string, string>();
  const examined = {
    ...{
      target: 'client-list',
      kind: 'list' as const,
      now: { at, rows: keptRows(rows), info },
      config: new Map<string, string>(),
    },
    ...(earlier && { earlier: { at: at - 1000 * seconds, rows: keptRows(earlier), info } }),
  };
  const { attribute } = createAttributor(rowResolvers);
  const examinations = await attributeExaminations([{ examined, isLocal: nothingIsLocal }], attribute);
  return audit(examinations, { heartbeatSeconds: 15 });
}
