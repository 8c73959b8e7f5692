import { HygieneError } from '../../core/errors.js';
import { REDACTED } from '../../core/redact.js';
import type { Attribution } from '../attribution/attribution.js';
import { clientListFields, type RowView } from '../client-list/client-row.js';
import { parseDuration } from '../text/quantities.js';
import { attributionKeyOf, attributionKeys, isAttributionKey } from './group-keys.js';

/** Whether a row matches conditions on its own fields. */
export type RowFilter = (row: RowView) => boolean;

/** The filter of `--where`. */
export interface ClientFilter {
  readonly matchesRow: RowFilter;
  /** Whether the attribution of a row matches; `undefined` if there is no such condition. */
  readonly matchesAttribution: ((attribution: Attribution) => boolean) | undefined;
}

/**
 * Parses a filter: conditions separated by spaces, all of which must hold. Fields that contain numbers are compared as
 * numbers. A row without the field equals `''` for `=` and `!=`, and never matches `<` and `>`. A text with credentials is
 * equal to itself, and to its redacted form, which is the one that is shown. The conditions `owner`, `service`, `host` and
 * `role` apply to the attribution of a row.
 *
 * @example parseFilter('idle>3600 name=') // connections without a name that were idle for an hour
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function parseFilter(text: string): ClientFilter {
  const conditions = text.split(/\s+/).filter(Boolean).map(parseCondition);
  if (conditions.length === 0) return refuse(text, 'it is empty');
  const ofRows = conditions.flatMap(({ onRow }) => onRow ?? []);
  const ofAttributions = conditions.flatMap(({ onAttribution }) => onAttribution ?? []);
  return {
    matchesRow: (row) => ofRows.every((holds) => holds(row)),
    matchesAttribution:
      ofAttributions.length === 0
        ? undefined
        : (attribution) => ofAttributions.every((holds) => holds(attribution)),
  };
}

/** A condition, on the row itself or on its attribution. */
interface Condition {
  readonly onRow?: RowFilter;
  readonly onAttribution?: (attribution: Attribution) => boolean;
}

const CONDITION = /^([a-z-]+)(!=|>=|<=|=|>|<)(.*)$/;

const comparisons: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '>': (left, right) => left > right,
  '<': (left, right) => left < right,
  '>=': (left, right) => left >= right,
  '<=': (left, right) => left <= right,
};

function parseCondition(condition: string): Condition {
  const [, field = '', operator = '', value = ''] = CONDITION.exec(condition) ?? [];
  if (field === '') return refuse(condition, 'it is not a field, an operator and a value');
  if (isAttributionKey(field)) {
    if (!isEquality(operator)) return refuse(condition, `"${field}" is text, which only = and != compare`);
    const textOf = attributionKeyOf(field);
    const matches = createTextCondition(operator, value);
    return { onAttribution: (attribution) => matches(textOf(attribution)) };
  }
  if (!clientListFields.some((known) => known === field)) {
    const known = [...attributionKeys, ...clientListFields].join(', ');
    return refuse(condition, `there is no field "${field}" (${known})`);
  }
  if (isTextCondition(field, operator, value)) {
    const holds = createFieldCondition(field, value);
    return { onRow: operator === '=' ? holds : (row) => !holds(row) };
  }
  const right = parseNumber(condition, field, value);
  const compare = comparisons[operator];
  return { onRow: (row) => compare?.(row.number(field), right) === true };
}

const isEquality = (operator: string) => operator === '=' || operator === '!=';

function createTextCondition(operator: string, value: string): (text: string) => boolean {
  const matches = createMatcher(value);
  return operator === '=' ? matches : (text) => !matches(text);
}

/** Compares a field with a pattern: as it is shown, and where credentials were left out, also as the server sent it. */
function createFieldCondition(field: string, pattern: string): RowFilter {
  const matches = createMatcher(pattern);
  return (row) => {
    const text = row.text(field);
    return matches(text) || (text.includes(REDACTED) && matches(row.rawText(field)));
  };
}

/** Fields that contain text. All others contain numbers. */
const TEXT_FIELDS = new Set([
  ...['addr', 'ip', 'laddr', 'name', 'flags', 'capa', 'events', 'cmd', 'user', 'lib-name', 'lib-ver'],
]);

/** Whether a condition compares text: `name=orders*`, also `qbuf=` (rows without the field) and `id=12*`. */
function isTextCondition(field: string, operator: string, value: string): boolean {
  return isEquality(operator) && (TEXT_FIELDS.has(field) || value === '' || value.includes('*'));
}

/** Compares a text with a pattern, in which `*` matches any text including none. */
function createMatcher(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return (text) => expression.test(text);
}

/** Fields that contain seconds: `idle>1h` equals `idle>3600`. */
const SECONDS_FIELDS = new Set(['age', 'idle']);

/** A number as the server writes it. `0x10` and `1e3` are rejected. */
const NUMBER = /^-?\d+(?:\.\d+)?$/;

function parseNumber(condition: string, field: string, value: string): number {
  const isTime = SECONDS_FIELDS.has(field);
  const number = isTime ? parseDuration(value, 's')?.seconds : NUMBER.test(value) ? Number(value) : undefined;
  if (number !== undefined) return number;
  const example = isTime ? '3600, 90s or 1h' : '3600';
  return refuse(condition, `"${value}" is not a number such as ${example}`);
}

function refuse(condition: string, problem: string): never {
  throw new HygieneError(
    'HYG_CLI_USAGE',
    `The filter has "${condition}": ${problem}. Expected conditions such as 'idle>3600 name= ip=10.0.*', all of which must hold.`,
  );
}
