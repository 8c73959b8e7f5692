import { HygieneError } from '../../core/errors.js';
import { readFileText } from '../text/file-text.js';
import type { Attribution, Resolver } from './attribution.js';
import { isLoopback, normaliseIp } from './ip-address.js';

/** A line that gives an address a name. */
interface Entry {
  readonly ip: string;
  readonly name: string;
  readonly line: number;
}

function readLine(text: string, line: number, file: string): Entry | undefined {
  const [address, name] = text.replace(/#.*$/s, '').split(/\s+/).filter(Boolean);
  if (address === undefined) return undefined;
  const bad = (why: string) =>
    new HygieneError(
      'HYG_CLI_FILE',
      `Line ${line} of ${file} ${why}. Expected an address and its name, as in /etc/hosts: 10.0.0.7 web-1.`,
      { details: { file, line } },
    );
  const ip = normaliseIp(address);
  if (ip === undefined) throw bad(`begins with "${address.slice(0, 60)}", which is no IP address`);
  if (name === undefined) throw bad(`gives ${ip} no name`);
  return { ip, name, line };
}

function attributionOn(ip: string, entries: readonly Entry[], file: string): Attribution {
  const names = [...new Set(entries.map(({ name }) => name))];
  const [name = ip] = names;
  if (names.length === 1) return { owner: name, source: 'hosts', confidence: 'likely', host: name };
  const lines = entries.map(({ line }) => line).join(', ');
  const note = `${names.join(' or ')}, says ${file} (lines ${lines})`;
  return { owner: ip, source: 'hosts', confidence: 'ambiguous', note };
}

/**
 * Reads a file in the form of `/etc/hosts`: an address, its name, and aliases, which are left out. An address that has
 * two names is ambiguous. Loopback stands for another machine on each server, so its lines are left out.
 *
 * @throws HygieneError `HYG_CLI_FILE` with the number of the line
 */
export function parseHosts(text: string, file: string): Resolver {
  const byIp = new Map<string, Entry[]>();
  text.split(/\r\n|\n|\r/).forEach((line, at) => {
    const entry = readLine(line.replace(/^\uFEFF/, ''), at + 1, file);
    if (!entry || isLoopback(entry.ip)) return;
    byIp.set(entry.ip, [...(byIp.get(entry.ip) ?? []), entry]);
  });
  const attributions = new Map([...byIp].map(([ip, entries]) => [ip, attributionOn(ip, entries, file)]));
  return { source: 'hosts', attribute: ({ ip }) => attributions.get(ip) };
}

/**
 * Loads a hosts file.
 *
 * @throws HygieneError `HYG_CLI_FILE`
 */
export async function loadHosts(file: string): Promise<Resolver> {
  let text: string;
  try {
    text = await readFileText(file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HygieneError('HYG_CLI_FILE', `The hosts file cannot be read: ${why}.`, { cause });
  }
  return parseHosts(text, file);
}
