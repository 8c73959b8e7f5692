import Module from 'node:module';

/** A module that asks for another one. */
interface Asking {
  readonly filename?: string | null;
}

type Load = (this: unknown, request: string, parent: Asking | undefined, isMain: boolean) => unknown;

/** The part of Node's CommonJS loader that tracing libraries stand in front of too. */
const loader = Module as unknown as {
  _load: Load;
  _resolveFilename(request: string, parent: Asking | undefined, isMain: boolean): string;
  readonly _cache: Readonly<Record<string, { readonly exports: unknown } | undefined>>;
};

/** Clients of Redis have one of these in their name or path; nothing else is looked at. */
const MENTIONS = /redis|valkey/i;

/** Hears of a module that may be a client of Redis. */
type Heard = (exports: unknown, file: () => string) => void;

/**
 * Hears of each module that may be a client of Redis as it is loaded, also through `import`: CommonJS modules come this
 * way in all versions of Node, and with loaders such as tsx in between. What is loaded already comes at once.
 */
export function hearModules(heard: Heard): void {
  const load = loader._load;
  loader._load = function _load(request, parent, isMain) {
    const exports = load.call(this, request, parent, isMain);
    if (MENTIONS.test(request) || MENTIONS.test(parent?.filename ?? '')) {
      heard(exports, () => loader._resolveFilename(request, parent, isMain));
    }
    return exports;
  };
  for (const [file, module] of Object.entries(loader._cache)) {
    if (module && MENTIONS.test(file)) heard(module.exports, () => file);
  }
}
