import { HygieneError } from '../../core/errors.js';

/** Reads a `sentinel.conf` or `redis.conf`: directives and their values; of one that is repeated, the last counts. */
export function parseConfiguration(text: string, file: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const directives = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const entries = directives.map((line) => {
    const [, name = '', value = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    return [name.toLowerCase(), value.replace(/^"(.*)"$/, '$1')] as const;
  });
  if (entries.length === 0) throw new HygieneError('HYG_CLI_FILE', `${file} holds no directive.`);
  return new Map(entries);
}
