import { closing, mask, withoutComments } from './mask.js';
import { eolOf, indentOf } from './style.js';

/** A member of an object, by its places in the text. */
interface Member {
  readonly key: string;
  readonly start: number;
  readonly value: number;
  readonly end: number;
}

/** Reads JSON with comments and trailing commas, as tsconfig.json has them. */
export function parseJsonc(text: string): unknown {
  const bare = withoutComments(text.replace(/^\uFEFF/, ''));
  const code = mask(bare);
  const isCode = (at: number) => code.charAt(at) === ',';
  return JSON.parse(
    bare.replace(/,(?=\s*[}\]])/g, (comma, at: number) => (isCode(at) ? '' : comma)),
  ) as unknown;
}

/** The members of the object that opens at `open`, in JSON that is known to parse. */
function membersOf(text: string, code: string, open: number): readonly Member[] {
  const members: Member[] = [];
  const end = closing(code, open) ?? code.length;
  const KEY = /\s*("_*")\s*:\s*/y;
  for (let at = open + 1; at < end; at += 1) {
    KEY.lastIndex = at;
    const found = KEY.exec(code);
    if (!found) break;
    const [whole, quoted = ''] = found;
    const start = at + whole.indexOf(quoted);
    const value = at + whole.length;
    at = '{['.includes(code.charAt(value)) ? (closing(code, value) ?? end) : value;
    while (at < end && code.charAt(at) !== ',') at += 1;
    const key = JSON.parse(text.slice(start, start + quoted.length)) as string;
    members.push({ key, start, value, end: value + text.slice(value, at).trimEnd().length });
  }
  return members;
}

/** The text with a member at the end of the object at `open`, set as the members before it are. */
function insertMember(text: string, code: string, open: number, member: string, indent: string): string {
  const members = membersOf(text, code, open);
  const [last, previous] = [members.at(-1), members.at(-2)];
  if (!last) {
    const end = closing(code, open) ?? open + 1;
    const outer = indent.slice(indentOf(text).length);
    return `${text.slice(0, open + 1)}${eolOf(text)}${indent}${member}${eolOf(text)}${outer}${text.slice(end)}`;
  }
  const before = previous ? text.slice(previous.end, last.start) : `,${text.slice(open + 1, last.start)}`;
  return `${text.slice(0, last.end)}${before}${member}${text.slice(last.end)}`;
}

/**
 * A package.json with scripts added to it, and every other byte as it was.
 *
 * @returns `undefined` where the result would not be exactly that
 */
export function addScripts(text: string, scripts: Readonly<Record<string, string>>): string | undefined {
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const bare = text.slice(bom.length);
  const before = JSON.parse(bare) as { scripts?: Record<string, string> };
  const expected = { ...before, scripts: { ...before.scripts, ...scripts } };
  const added = Object.entries(scripts).reduce(addScript, bare);
  return JSON.stringify(JSON.parse(added)) === JSON.stringify(expected) ? `${bom}${added}` : undefined;
}

function addScript(text: string, [name, command]: readonly [string, string]): string {
  const code = mask(text);
  const root = code.indexOf('{');
  const indent = indentOf(text);
  const member = `${JSON.stringify(name)}: ${JSON.stringify(command)}`;
  const own = membersOf(text, code, root).findLast(({ key }) => key === 'scripts');
  if (own) return insertMember(text, code, own.value, member, `${indent}${indent}`);
  const eol = eolOf(text);
  const scripts = `"scripts": {${eol}${indent}${indent}${member}${eol}${indent}}`;
  return insertMember(text, code, root, scripts, indent);
}
