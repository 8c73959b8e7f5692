import type { Attribution, AttributionSource } from '../attribution/attribution.js';

/** What an owner is, where its name does not show it. */
const kinds: Readonly<Partial<Record<AttributionSource, string>>> = {
  container: 'container',
  pod: 'pod',
  process: 'process',
};

/** The owner in the heading of a report: what it is, its name, its service and its folder. */
export function describeOwner({ owner, source, confidence, service, note }: Attribution): string {
  if (confidence === 'ambiguous') return `${owner}, a shared address`;
  const kind = kinds[source];
  const ofService = service === undefined || owner.includes(service) ? [] : [`service ${service}`];
  const folder = source === 'process' && note !== undefined ? [note] : [];
  return [kind === undefined ? owner : `${kind} ${owner}`, ...ofService, ...folder].join(', ');
}
