import { type Amount, readAmount } from './fleet.js';

/** Where something stands in a file, by the keys that lead to it. */
export type Path = readonly unknown[];

/** Something that is not as it should be. */
export interface Problem {
  readonly path: Path;
  readonly what: string;
}

/** A value, and where it stands. */
export interface DocumentNode {
  readonly path: Path;
  readonly value: unknown;
}

/** The keys of a mapping, those that nobody knows refused. */
export interface Mapping {
  readonly place: DocumentNode;
  has(key: string): boolean;
  at(key: string): DocumentNode;
  /** Every key with its value, where the keys are names. */
  entries(): readonly (readonly [string, DocumentNode])[];
}

/** Checks that note what is wrong and go on, so that one look at a file tells everything. */
export interface Checks {
  problem(path: Path, what: string): void;
  /** @param keys which there are; any where they are names of the user's own */
  mapping(place: DocumentNode, keys?: readonly string[]): Mapping | undefined;
  whole(place: DocumentNode, min: number): number | undefined;
  amount(place: DocumentNode): Amount | undefined;
  wholes(place: DocumentNode, min: number): readonly number[] | undefined;
}

/** A value as a message shows it: short, and of one line. */
function show(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (value instanceof Map) return 'a mapping';
  if (Array.isArray(value)) return 'a list';
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

function didYouMean(key: string, keys: readonly string[]): string {
  const bare = (one: string) => one.toLowerCase().replace(/[^a-z]/g, '');
  const near = keys.find((one) => bare(one) === bare(key) || bare(one) === `${bare(key)}s`);
  return near === undefined ? `there are ${keys.join(', ')}` : `did you mean ${near}?`;
}

export function createChecks(note: (problem: Problem) => void): Checks {
  const problem = (path: Path, what: string) => note({ path, what });
  const expected = ({ path, value }: DocumentNode, what: string) =>
    problem(path, `expected ${what}, got ${show(value)}`);

  function checkKeys(
    { path }: DocumentNode,
    map: ReadonlyMap<unknown, unknown>,
    keys?: readonly string[],
  ): void {
    for (const key of map.keys()) {
      if (typeof key !== 'string') problem([...path, key], `put the name ${show(key)} in quotes`);
      else if (keys && !keys.includes(key)) problem([...path, key], `unknown key; ${didYouMean(key, keys)}`);
    }
  }

  function isWhole(value: unknown, min: number): value is number {
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= min;
  }

  return {
    problem,
    mapping(place, keys) {
      const { path, value } = place;
      if (!(value instanceof Map)) return void expected(place, 'a mapping');
      const map = value as ReadonlyMap<unknown, unknown>;
      checkKeys(place, map, keys);
      const at = (key: string) => ({ path: [...path, key], value: map.get(key) });
      const names = [...map.keys()].filter((key) => typeof key === 'string');
      return { place, at, has: (key) => map.has(key), entries: () => names.map((key) => [key, at(key)]) };
    },
    whole(place, min) {
      if (isWhole(place.value, min)) return place.value;
      return void expected(place, `a whole number of at least ${min}`);
    },
    amount(place) {
      return readAmount(place.value) ?? void expected(place, 'a whole number or a percentage such as 25%');
    },
    wholes(place, min) {
      const { path, value } = place;
      if (!Array.isArray(value) || value.length === 0)
        return void expected(place, 'a list of whole numbers such as [10, 5]');
      const items = value as readonly unknown[];
      items.forEach((item, index) => {
        if (!isWhole(item, min))
          expected({ path: [...path, index], value: item }, `a whole number of at least ${min}`);
      });
      return items.filter((item) => isWhole(item, min));
    },
  };
}
