/** What shows whether a class is one of ioredis. */
interface ClassFacts {
  readonly prototype?: object;
  /** True for the mocks that Jest and vitest make of a class. */
  readonly _isMockFunction?: unknown;
}

/** Exports without which a client of ioredis cannot be managed. */
interface NeededExports {
  readonly AbstractConnector?: unknown;
  readonly Redis?: ClassFacts;
  readonly Cluster?: ClassFacts;
  readonly default?: ClassFacts;
}

/**
 * Whether a test has put a mock in the place of ioredis, or of one of its classes: a class, a mock function, or an object
 * with some exports. Clients of a mock have no connection. They are neither named nor in the ledger, but returned as the
 * mock makes them.
 */
export function isMock(copy: object): boolean {
  const { AbstractConnector, Redis, Cluster, default: main = copy } = copy as NeededExports;
  if (typeof AbstractConnector !== 'function') return true;
  return isMockClass(Redis) || isMockClass(main) || !hasMethod(Cluster, 'setStatus');
}

/** Whether something in the place of the class Redis is neither that class nor extends it. */
export function isMockClass(Class: ClassFacts | undefined): boolean {
  return !hasMethod(Class, 'parseOptions');
}

/** Whether a class is no mock function, and has a method that redis-hygiene needs. */
function hasMethod(Class: ClassFacts | undefined, method: string): boolean {
  const prototype = Class?.prototype as Readonly<Record<string, unknown>> | undefined;
  return typeof prototype?.[method] === 'function' && Class?._isMockFunction !== true;
}

/** Exports that code may use, whichever of them a mock has. */
interface MockExports {
  readonly default?: unknown;
  readonly Redis?: unknown;
  readonly Cluster?: unknown;
}

/** Adds to a mock the exports that it lacks: its class by each name under which ioredis exports it. */
export function completeMock<Copy extends object>(mock: Copy): Copy {
  const given: MockExports = mock;
  const Redis = firstFunction(given.Redis, given.default, mock);
  const Cluster = firstFunction(given.Cluster, (Redis as MockExports | undefined)?.Cluster);
  return addExports(mock, { Redis, Cluster, default: given.default ?? Redis });
}

/**
 * Adds exports that a mock lacks. The mock stays the same object, so that a test can go on changing it. If it cannot be
 * extended, a copy is extended; a class that cannot be extended stays without them.
 */
export function addExports<Copy extends object>(
  mock: Copy,
  exports: Readonly<Record<string, unknown>>,
): Copy {
  const extended = Object.isExtensible(mock) || typeof mock === 'function' ? mock : { ...mock };
  const given = mock as Readonly<Record<string, unknown>>;
  for (const [name, value] of Object.entries(exports)) {
    if (value === undefined || given[name] !== undefined) continue;
    Reflect.defineProperty(extended, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return extended;
}

function firstFunction(...candidates: readonly unknown[]): unknown {
  return candidates.find((candidate) => typeof candidate === 'function');
}
