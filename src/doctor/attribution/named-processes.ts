import { formatCount } from '../text/quantities.js';
import type { AttributionResult } from './attribute.js';
import type { Attribution } from './attribution.js';

/** Processes that are listed of one owner. */
const MAX_LISTED_PROCESSES = 3;

/**
 * The attributions of all peers. An owner that its name tells gets its processes as the note, where the process table knows
 * them: on its machine somebody wants to look at them.
 *
 * @param count number of peers
 */
export function attributionsWithProcesses(
  { attributionOf, alternativesOf }: AttributionResult,
  count: number,
): readonly Attribution[] {
  const attributions = Array.from({ length: count }, (_, peer) => attributionOf(peer));
  const processes = new Map<string, Map<string, Attribution>>();
  for (const [peer, { owner, source }] of attributions.entries()) {
    const process = source === 'name' ? alternativesOf(peer).find(isProcess) : undefined;
    if (!process) continue;
    const known = processes.get(owner) ?? new Map<string, Attribution>();
    processes.set(owner, known.set(process.owner, process));
  }
  const notes = new Map(
    [...processes].map(([owner, known]) => [owner, describeProcesses([...known.values()])]),
  );
  return attributions.map((attribution) => {
    const note = attribution.source === 'name' ? notes.get(attribution.owner) : undefined;
    return note === undefined ? attribution : { ...attribution, note };
  });
}

function isProcess({ source, confidence }: Attribution): boolean {
  return source === 'process' && confidence === 'certain';
}

/** `process node a.js (pid 7) in /srv/shop`, or `5 processes: node a.js (pid 7), …, and 2 more`. */
function describeProcesses(processes: readonly Attribution[]): string {
  const [first, ...others] = processes;
  if (first && others.length === 0) return ['process', first.owner, first.note].filter(Boolean).join(' ');
  const listed = processes.slice(0, MAX_LISTED_PROCESSES).map(({ owner }) => owner);
  const rest = processes.length - listed.length;
  return `${formatCount(processes.length, 'process')}: ${listed.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`;
}
