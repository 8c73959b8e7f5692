import { readFileSync } from 'node:fs';
import { normalizeIp } from '../attribution/ip-address.js';
import { formatEnd } from './kernel-sockets.js';

/** Number of connections that the kernel tracks in the namespace of this program. Missing if it tracks none anywhere. */
const OWN_COUNT = 'sys/net/netfilter/nf_conntrack_count';

/**
 * Reads which ends of TCP connections a namespace translates (NAT): the ends that servers see in the place of others. NAT
 * needs connection tracking, whose table root may read. `undefined` if it cannot be read and may have entries.
 *
 * @param folder `/proc/self`, or `/proc/<pid>` for the namespace of a process
 * @param isOwn whether it is the namespace of this program
 * @param proc `/proc`, or a folder like it
 */
export function readTranslatedEnds(
  folder: string,
  isOwn: boolean,
  proc: string,
): ReadonlySet<string> | undefined {
  const table = readOrCode(`${folder}/net/nf_conntrack`);
  if ('text' in table) return parseTranslatedEnds(table.text);
  const count = readOrCode(`${proc}/${OWN_COUNT}`);
  const isUntracked = 'text' in count ? isOwn && Number(count.text) === 0 : count.code === 'ENOENT';
  return isUntracked ? new Set() : undefined;
}

function readOrCode(file: string): { readonly text: string } | { readonly code: string | undefined } {
  try {
    return { text: readFileSync(file, 'latin1') };
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code };
  }
}

/** The ends of a tracked connection: as its client sent the first packet, and as the answer came back. */
const ENTRY = /src=(\S+) dst=\S+ sport=(\d+) dport=\d+ .*?src=\S+ dst=(\S+) sport=\d+ dport=(\d+)/;

/**
 * The translated ends in a table. The answer to a connection goes to the end that the server sees. If that is not the end
 * from which the connection came, the end is translated.
 */
export function parseTranslatedEnds(text: string): ReadonlySet<string> {
  const ends = new Set<string>();
  for (const line of text.split('\n')) {
    const [, from = '', fromPort, to = '', toPort] = line.includes(' tcp ') ? (ENTRY.exec(line) ?? []) : [];
    if (from === to && fromPort === toPort) continue;
    ends.add(formatEnd(normalizeIp(to) ?? to, Number(toPort)));
  }
  return ends;
}
