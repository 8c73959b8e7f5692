/** What is in the place where a library takes its connection. */
export type Kind =
  /** Options of a connection and nothing else, or a URL. */
  | 'connection'
  /** Options of the library, those of the connection among them. */
  | 'mixed'
  /** A URL; anything else there is something else. */
  | 'url';

/** A place where a library takes its connection. */
export interface Place {
  /** Which argument: by its index, or any of them. */
  readonly argument: number | 'any';
  /** From the argument to the connection; `()` is what a function returns. */
  readonly path: readonly string[];
  readonly kind: Kind;
}

/** A library that opens connections of its own when it is not given any. */
export interface Taker {
  readonly modules: readonly string[];
  /** Exports of the module, `''` for the module or its default export. */
  readonly exports: RegExp;
  /** It is called or constructed, is handed to another call before its options, or stands in an object beside them. */
  readonly how: 'called' | 'handed' | 'named';
  readonly places: readonly Place[];
  /** What to give it instead. */
  readonly hand: string;
}

/** Options of the connection, or a URL, at a path into any of the arguments. */
export const inAny = (...path: string[]): Place => ({ argument: 'any', path, kind: 'connection' });

/** The same where options of the library stand beside those of the connection. */
export const mixedInAny = (...path: string[]): Place => ({ argument: 'any', path, kind: 'mixed' });

/** One of the arguments as it is. */
export const itself = (argument: number, kind: Kind): Place => ({ argument, path: [], kind });
