import type { Attribution, Peer } from '../../../../../src/doctor/attribution/attribution.js';
import type { RowView } from '../../../../../src/doctor/client-list/client-row.js';

/** An unnamed client on another machine, with the given fields. */
export function peer(given: Partial<Peer> = {}): Peer {
  return { name: '', ip: '10.0.0.7', port: undefined, laddr: '', libName: '', kind: 'client', ...given };
}

/** A certain attribution to a container, with the given fields. */
export function attribution(given: Partial<Attribution> = {}): Attribution {
  return { owner: 'orders-1', source: 'container', confidence: 'certain', ...given };
}

/** A row of CLIENT LIST with these fields. */
export function row(fields: Readonly<Record<string, string>>): RowView {
  const text = (field: string) => fields[field] ?? '';
  return { text, rawText: text, number: (field) => Number(fields[field] ?? NaN) };
}
