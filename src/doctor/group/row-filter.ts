import { HygieneError } from '../../core/errors.js';
import { clientListFields, type RowView } from '../client-list/client-row.js';
import { parseDuration } from '../text/quantities.js';

/** Whether a row is one of those that are asked for. */
export type Filter = (row: RowView) => boolean;

const CONDITION = /^([a-z-]+)(!=|>=|<=|=|>|<)(.*)$/;

/** The fields that count seconds: `idle>1h` is the same as `idle>3600`. */
const SECONDS = new Set(['age', 'idle']);

/** The fields that hold words. In all others there is a number. */
const TEXTS = new Set([
  ...['addr', 'ip', 'laddr', 'name', 'flags', 'capa', 'events', 'cmd', 'user', 'lib-name', 'lib-ver'],
]);

/** As the server writes numbers: `0x10` and `1e3` are none. */
const NUMBER = /^-?\d+(?:\.\d+)?$/;

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
};

function refuse(condition: string, what: string): never {
  throw new HygieneError(
    'HYG_CLI_USAGE',
    `The filter has "${condition}": ${what}. Expected conditions such as 'idle>3600 name= ip=10.0.*', all of which must hold.`,
  );
}

/** `*` stands for any text, also for none. */
function matcher(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const shape = new RegExp(`^${parts.join('.*')}$`, 's');
  return (text) => shape.test(text);
}

function bound(condition: string, field: string, value: string): number {
  const isTime = SECONDS.has(field);
  const number = isTime ? parseDuration(value, 's')?.seconds : NUMBER.test(value) ? Number(value) : undefined;
  if (number !== undefined) return number;
  const example = isTime ? '3600, 90s or 1h' : '3600';
  return refuse(condition, `"${value}" is no number, such as ${example}`);
}

/** `name=orders*`; also `qbuf=` for a row without the field, and `id=12*`. */
function isText(field: string, operator: string, value: string): boolean {
  return /^!?=$/.test(operator) && (TEXTS.has(field) || value === '' || value.includes('*'));
}

function parseCondition(condition: string): Filter {
  const [, field = '', operator = '', value = ''] = CONDITION.exec(condition) ?? [];
  if (field === '') return refuse(condition, 'it is no field, operator and value');
  if (!clientListFields.some((known) => known === field)) {
    return refuse(condition, `CLIENT LIST has no field "${field}" (${clientListFields.join(', ')})`);
  }
  if (isText(field, operator, value)) {
    const matches = matcher(value);
    return operator === '=' ? (row) => matches(row.text(field)) : (row) => !matches(row.text(field));
  }
  const right = bound(condition, field, value);
  const compare = comparisons[operator];
  return (row) => compare?.(row.number(field), right) === true;
}

/**
 * Reads a filter: conditions with blanks between them, all of which must hold. Fields that hold numbers are
 * compared as numbers. A row without the field is `''` for `=` and `!=`, and fails `<` and `>`.
 *
 * @example parseFilter('idle>3600 name=') // nameless, and silent for an hour
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function parseFilter(text: string): Filter {
  const conditions = text.split(/\s+/).filter(Boolean).map(parseCondition);
  if (conditions.length === 0) return refuse(text, 'it is empty');
  return (row) => conditions.every((holds) => holds(row));
}
