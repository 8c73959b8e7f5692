import type { Attribution, AttributionSource } from '../attribution/attribution.js';

/** What an owner is, where its name does not show it. */
const kinds: Readonly<Partial<Record<AttributionSource, string>>> = {
  container: 'container',
  pod: 'pod',
  process: 'process',
};

/** The owner in the heading of a report: what it is, and its name. */
export function describeOwner({ owner, source, confidence }: Attribution): string {
  if (confidence === 'ambiguous') return `${owner}, a shared address`;
  const kind = kinds[source];
  return kind === undefined ? owner : `${kind} ${owner}`;
}

/** What else is known of an owner: its service, unless its name contains it, its processes or folder, or why its address is shared. */
export function describeOwnerDetails({ owner, source, confidence, service, note }: Attribution): string {
  const isNoteShown = source === 'process' || source === 'name' || confidence === 'ambiguous';
  return [
    ...(service === undefined || owner.includes(service) ? [] : [`service ${service}`]),
    ...(isNoteShown && note !== undefined ? [note] : []),
  ].join(', ');
}
