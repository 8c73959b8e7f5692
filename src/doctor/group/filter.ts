import { HygieneError } from '../../core/errors.js';
import { clientListFields } from '../client-list/fields.js';
import type { Row } from '../client-list/row.js';
import { parseDuration } from './duration.js';

/** Whether a row is one of those that are asked for. */
export type Filter = (row: Row) => boolean;

const CONDITION = /^([a-z-]+)(!=|>=|<=|=|>|<)(.*)$/;

/** The fields that count seconds: `idle>1h` is the same as `idle>3600`. */
const SECONDS = new Set(['age', 'idle']);

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
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
  const number = SECONDS.has(field) ? parseDuration(value, 's')?.seconds : Number(value || NaN);
  if (number === undefined || Number.isNaN(number)) return refuse(condition, `"${value}" is no number`);
  return number;
}

function parseCondition(condition: string): Filter {
  const [, field = '', operator = '', value = ''] = CONDITION.exec(condition) ?? [];
  if (field === '') return refuse(condition, 'it is no field, operator and value');
  if (!clientListFields.some((known) => known === field)) {
    return refuse(condition, `CLIENT LIST has no field "${field}" (${clientListFields.join(', ')})`);
  }
  const compare = comparisons[operator];
  if (compare) {
    const right = bound(condition, field, value);
    return (row) => compare(row.number(field), right);
  }
  const matches = matcher(value);
  return operator === '=' ? (row) => matches(row.text(field)) : (row) => !matches(row.text(field));
}

/**
 * Reads a filter: conditions with blanks between them, all of which must hold. A row without the field is `''` for
 * `=` and `!=`, and fails `<` and `>`.
 *
 * @example parseFilter('idle>3600 name=') // nameless, and silent for an hour
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function parseFilter(text: string): Filter {
  const conditions = text.split(/\s+/).filter(Boolean).map(parseCondition);
  if (conditions.length === 0) return refuse(text, 'it is empty');
  return (row) => conditions.every((holds) => holds(row));
}
