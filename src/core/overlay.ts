type Properties = Readonly<Record<string, unknown>>;

/**
 * Traps of a proxy that shows these properties in place of those of its target, or in addition to them. Additional ones are
 * listed too: when a file imports the default export and a named one, compilers copy the properties that are listed.
 */
export function overlayTraps<Target extends object>(properties: () => Properties): ProxyHandler<Target> {
  const isOverlaid = (key: string | symbol): key is string =>
    typeof key === 'string' && Object.hasOwn(properties(), key);
  return {
    get: (target, key, receiver) =>
      isOverlaid(key) ? properties()[key] : (Reflect.get(target, key, receiver) as unknown),
    ownKeys: (target) => [...new Set([...Reflect.ownKeys(target), ...Object.keys(properties())])],
    getOwnPropertyDescriptor(target, key) {
      const own = Reflect.getOwnPropertyDescriptor(target, key);
      if (own || !isOverlaid(key)) return own;
      return {
        value: properties()[key],
        enumerable: key !== '__esModule',
        configurable: true,
        writable: true,
      };
    },
  };
}
