import { HygieneError } from '../../core/errors.js';
import { readFileText } from '../text/file-text.js';
import type { Attribution, Resolver } from './attribution.js';
import { isLoopback, normalizeIp } from './ip-address.js';

/** A line of a hosts file. */
interface HostsEntry {
  readonly ip: string;
  readonly name: string;
  readonly line: number;
}

/**
 * Loads a hosts file.
 *
 * @throws HygieneError `HYG_CLI_FILE`
 */
export async function loadHostsResolver(file: string): Promise<Resolver> {
  let text: string;
  try {
    text = await readFileText(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HygieneError('HYG_CLI_FILE', `The hosts file cannot be read: ${reason}.`, { cause });
  }
  return createHostsResolver(text, file);
}

/**
 * Reads text in the format of `/etc/hosts`: an address, its name, and aliases, which are ignored. An address with two names
 * is ambiguous. Loopback lines are ignored, because loopback is a different machine on each server.
 *
 * @throws HygieneError `HYG_CLI_FILE` with the line number
 */
export function createHostsResolver(text: string, file: string): Resolver {
  const entriesByIp = new Map<string, HostsEntry[]>();
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    const entry = parseLine(line.replace(/^\uFEFF/, ''), index + 1, file);
    if (!entry || isLoopback(entry.ip)) return;
    entriesByIp.set(entry.ip, [...(entriesByIp.get(entry.ip) ?? []), entry]);
  });
  const attributions = new Map(
    [...entriesByIp].map(([ip, entries]) => [ip, attributionFor(ip, entries, file)]),
  );
  return { source: 'hosts', attribute: ({ ip }) => attributions.get(ip) };
}

function parseLine(text: string, line: number, file: string): HostsEntry | undefined {
  const [address, name] = text.replace(/#.*$/s, '').split(/\s+/).filter(Boolean);
  if (address === undefined) return undefined;
  const invalid = (problem: string) =>
    new HygieneError(
      'HYG_CLI_FILE',
      `Line ${line} of ${file} ${problem}. Expected an address and a name as in /etc/hosts: 10.0.0.7 web-1.`,
      { details: { file, line } },
    );
  const ip = normalizeIp(address);
  if (ip === undefined) throw invalid(`begins with "${address.slice(0, 60)}", which is not an IP address`);
  if (name === undefined) throw invalid(`has no name for ${ip}`);
  return { ip, name, line };
}

function attributionFor(ip: string, entries: readonly HostsEntry[], file: string): Attribution {
  const names = [...new Set(entries.map(({ name }) => name))];
  const [name = ip] = names;
  if (names.length === 1) return { owner: name, source: 'hosts', confidence: 'likely', host: name };
  const lines = entries.map(({ line }) => line).join(', ');
  const note = `${names.join(' or ')} according to ${file} (lines ${lines})`;
  return { owner: ip, source: 'hosts', confidence: 'ambiguous', note };
}
