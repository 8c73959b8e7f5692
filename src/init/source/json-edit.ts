import { closingBracketOf, eolOf, indentOf, mask, withoutComments } from './source-text.js';

/** Parses JSON with comments and trailing commas, which tsconfig.json may have. */
export function parseJsonc(text: string): unknown {
  const bare = withoutComments(text.replace(/^\uFEFF/, ''));
  const code = mask(bare);
  const isSeparator = (at: number) => code.charAt(at) === ',';
  return JSON.parse(
    bare.replace(/,(?=\s*[}\]])/g, (comma, at: number) => (isSeparator(at) ? '' : comma)),
  ) as unknown;
}

/**
 * Adds scripts to the text of a package.json and leaves every other byte as it is.
 *
 * @returns `undefined` if the text cannot be edited that way
 */
export function addScripts(text: string, scripts: Readonly<Record<string, string>>): string | undefined {
  const bom = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const bare = text.slice(bom.length);
  const before = JSON.parse(bare) as { scripts?: unknown };
  const present = before.scripts ?? {};
  if ('scripts' in before && Object.prototype.toString.call(before.scripts) !== '[object Object]')
    return undefined;
  const expected = { ...before, scripts: { ...present, ...scripts } };
  const added = Object.entries(scripts).reduce(addScript, bare);
  return JSON.stringify(JSON.parse(added)) === JSON.stringify(expected) ? `${bom}${added}` : undefined;
}

function addScript(text: string, [name, command]: readonly [string, string]): string {
  const code = mask(text);
  const root = code.indexOf('{');
  const [indent, eol] = [indentOf(text), eolOf(text)];
  const scriptsMember = membersOf(text, code, root).findLast(({ key }) => key === 'scripts');
  const member = [name, JSON.stringify(command)] as const;
  if (scriptsMember) return insertMember(text, scriptsMember.value, member, `${indent}${indent}`);
  const scripts = `{${eol}${indent}${indent}${JSON.stringify(name)}: ${member[1]}${eol}${indent}}`;
  return insertMember(text, root, ['scripts', scripts], indent);
}

/** A member of an object, with positions in the text. */
interface Member {
  readonly key: string;
  /** Start of the quoted key. */
  readonly start: number;
  /** Start of the value. */
  readonly value: number;
  /** End of the value. */
  readonly end: number;
}

/** Inserts a member at the end of the object whose brace opens at `open`, laid out like the members before it. */
function insertMember(
  text: string,
  open: number,
  [name, value]: readonly [string, string],
  indent: string,
): string {
  const code = mask(text);
  const members = membersOf(text, code, open);
  const [last, previous] = [members.at(-1), members.at(-2)];
  const key = JSON.stringify(name);
  const eol = eolOf(text);
  if (!last) {
    const end = closingBracketOf(code, open) ?? open + 1;
    const outer = indent.slice(indentOf(text).length);
    return `${text.slice(0, open + 1)}${eol}${indent}${key}: ${value}${eol}${outer}${text.slice(end)}`;
  }
  const before = previous ? text.slice(previous.end, last.start) : `,${text.slice(open + 1, last.start)}`;
  const colon = /[^"]*$/.exec(code.slice(last.start, last.value))?.[0] ?? ': ';
  return `${text.slice(0, last.end)}${before}${key}${colon}${value}${text.slice(last.end)}`;
}

/** Members of the object whose brace opens at `open`, in JSON that is known to parse. */
function membersOf(text: string, code: string, open: number): readonly Member[] {
  const members: Member[] = [];
  const end = closingBracketOf(code, open) ?? code.length;
  const KEY = /\s*("_*")\s*:\s*/y;
  for (let at = open + 1; at < end; at += 1) {
    KEY.lastIndex = at;
    const found = KEY.exec(code);
    if (!found) break;
    const [whole, quoted = ''] = found;
    const start = at + whole.indexOf(quoted);
    const value = at + whole.length;
    at = '{['.includes(code.charAt(value)) ? (closingBracketOf(code, value) ?? end) : value;
    while (at < end && code.charAt(at) !== ',') at += 1;
    const key = JSON.parse(text.slice(start, start + quoted.length)) as string;
    members.push({ key, start, value, end: value + text.slice(value, at).trimEnd().length });
  }
  return members;
}
