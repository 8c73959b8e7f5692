/** What shows whether a class is one of ioredis. */
interface ClassFacts {
  readonly prototype?: Readonly<Record<string, unknown>>;
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
  return !(has(Redis, 'parseOptions') && has(main, 'parseOptions') && has(Cluster, 'setStatus'));
}

/** Whether a class is no mock, and has a method that redis-hygiene needs. */
function has(Class: ClassFacts | undefined, method: string): boolean {
  return typeof Class?.prototype?.[method] === 'function' && Class._isMockFunction !== true;
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
  return withExports(mock, { Redis, Cluster, default: given.default ?? Redis });
}

/** A mock with more exports. The mock itself, to which the test has access, stays as it is. */
export function withExports<Copy extends object>(
  mock: Copy,
  exports: Readonly<Record<string, unknown>>,
): Copy {
  const isAdded = (key: string | symbol): key is string =>
    typeof key === 'string' && Object.hasOwn(exports, key);
  return new Proxy(mock, {
    get: (target, key, receiver) =>
      isAdded(key) ? exports[key] : (Reflect.get(target, key, receiver) as unknown),
    // Compilers copy the exports that are listed.
    ownKeys: (target) => [...new Set([...Reflect.ownKeys(target), ...Object.keys(exports)])],
    getOwnPropertyDescriptor(target, key) {
      const own = Reflect.getOwnPropertyDescriptor(target, key);
      if (own || !isAdded(key)) return own;
      return { value: exports[key], enumerable: true, configurable: true, writable: true };
    },
  });
}

function firstFunction(...candidates: readonly unknown[]): unknown {
  return candidates.find((candidate) => typeof candidate === 'function');
}
