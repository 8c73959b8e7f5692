import { type Amount, readAmount } from './fleet.js';

/** Position in a document: the keys that lead to it. */
export type Path = readonly unknown[];

/** A mistake in a document. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
}

/** A value and its position. */
export interface DocumentNode {
  readonly path: Path;
  readonly value: unknown;
}

/** A mapping whose keys were checked. */
export interface Mapping {
  readonly node: DocumentNode;
  has(key: string): boolean;
  at(key: string): DocumentNode;
  /** All keys with their values, for mappings whose keys are names. */
  entries(): readonly (readonly [string, DocumentNode])[];
}

/**
 * Checks of a document. A check that fails reports a problem and returns `undefined`, so that one run reports all mistakes
 * of a file.
 */
export interface DocumentChecker {
  addProblem(path: Path, message: string): void;
  /** @param keys the allowed keys; any key is allowed if the keys are names */
  mapping(node: DocumentNode, keys?: readonly string[]): Mapping | undefined;
  wholeNumber(node: DocumentNode, min: number): number | undefined;
  amount(node: DocumentNode): Amount | undefined;
  wholeNumbers(node: DocumentNode, min: number): readonly number[] | undefined;
}

/** Creates checks that pass each problem to `report`. */
export function createDocumentChecker(report: (problem: Problem) => void): DocumentChecker {
  const addProblem = (path: Path, message: string) => report({ path, message });
  const addMismatch = ({ path, value }: DocumentNode, expected: string) =>
    addProblem(path, `expected ${expected}, got ${formatValue(value)}`);

  function checkKeys(
    { path }: DocumentNode,
    map: ReadonlyMap<unknown, unknown>,
    keys?: readonly string[],
  ): void {
    for (const key of map.keys()) {
      if (typeof key !== 'string') addProblem([...path, key], `put the name ${formatValue(key)} in quotes`);
      else if (keys && !keys.includes(key))
        addProblem([...path, key], `unknown key; ${suggestKey(key, keys)}`);
    }
  }

  return {
    addProblem,
    mapping(node, keys) {
      const { path, value } = node;
      if (!(value instanceof Map)) return void addMismatch(node, 'a mapping');
      const map = value as ReadonlyMap<unknown, unknown>;
      checkKeys(node, map, keys);
      const at = (key: string) => ({ path: [...path, key], value: map.get(key) });
      const names = [...map.keys()].filter((key) => typeof key === 'string');
      return { node, at, has: (key) => map.has(key), entries: () => names.map((key) => [key, at(key)]) };
    },
    wholeNumber(node, min) {
      if (isWholeNumber(node.value, min)) return node.value;
      return void addMismatch(node, `a whole number of at least ${min}`);
    },
    amount(node) {
      return readAmount(node.value) ?? void addMismatch(node, 'a whole number or a percentage such as 25%');
    },
    wholeNumbers(node, min) {
      const { path, value } = node;
      if (!Array.isArray(value) || value.length === 0)
        return void addMismatch(node, 'a list of whole numbers such as [10, 5]');
      const items = value as readonly unknown[];
      items.forEach((item, index) => {
        if (!isWholeNumber(item, min))
          addMismatch({ path: [...path, index], value: item }, `a whole number of at least ${min}`);
      });
      return items.filter((item) => isWholeNumber(item, min));
    },
  };
}

function isWholeNumber(value: unknown, min: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min;
}

const MAX_SHOWN_LENGTH = 40;

/** A value for a message: short and on one line. */
function formatValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (value instanceof Map) return 'a mapping';
  if (Array.isArray(value)) return 'a list';
  const text = JSON.stringify(value);
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH - 3)}…` : text;
}

function suggestKey(key: string, keys: readonly string[]): string {
  const lettersOf = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '');
  const similar = keys.find(
    (known) => lettersOf(known) === lettersOf(key) || lettersOf(known) === `${lettersOf(key)}s`,
  );
  return similar === undefined ? `the known keys are ${keys.join(', ')}` : `did you mean ${similar}?`;
}
