import type { TSESTree } from '@typescript-eslint/utils';

/** Part of an access path that stands for the result of a call: of `new R()` and `R()` alike, awaited or not. */
export const CALL = '()';

/** Part of an access path that stands for any element, as in `for (const R of list)`. */
export const ANY = '*';

/** Names of members, `()` and `*`, which lead from the exports of a module, or from a node, to a value. */
export type AccessPath = readonly string[];

/** Where a value comes from: an export of a module, or something reached through one. */
export interface Origin {
  /** Name of the module, as the import writes it. */
  readonly module: string;
  /** `['default']` for a default import, `[]` for the exports themselves, `['createClient', '()']` for a client. */
  readonly path: AccessPath;
  /** The string that names the module, if it stands in the import, the `require()` or the `import()` itself. */
  readonly source: TSESTree.Node | undefined;
}

/** The question where the value of `node.path` comes from. */
export interface OriginQuery {
  /** Missing if a parser left a hole. */
  readonly node: TSESTree.Node | null | undefined;
  readonly path: AccessPath;
}

/** A step of a search: an origin that was found, or a further query. */
export type OriginStep = Origin | OriginQuery;

/** Lookups in the file that is linted. */
export interface SourceContext {
  /** The variable that an identifier refers to, if the file declares it. */
  readonly variableOf: (identifier: TSESTree.Identifier | TSESTree.JSXIdentifier) => Variable | undefined;
  /** Name of a member, `#name` for a private one; undefined if it is not constant. */
  readonly keyOf: (node: KeyedNode) => string | undefined;
  /** Text of an expression whose value is a constant string. */
  readonly textOf: (node: TSESTree.Node) => string | undefined;
  /** Child nodes of a node, also those of types that only the parser knows. */
  readonly childrenOf: (node: TSESTree.Node) => readonly TSESTree.Node[];
  /** Origins of a value. Empty for a value whose origins are being traced already. */
  readonly originsOf: (node: TSESTree.Node) => readonly Origin[];
}

/** A variable as scope managers describe it. */
export interface Variable {
  readonly defs: readonly Definition[];
  readonly references: readonly { readonly identifier: TSESTree.Node; isWrite(): boolean }[];
}

/** A declaration of a variable. */
export interface Definition {
  readonly type: string;
  readonly name: TSESTree.Node;
  readonly node: TSESTree.Node;
  readonly parent?: TSESTree.Node | null | undefined;
}

/** Nodes with a key that may be computed. */
export type KeyedNode =
  | TSESTree.MemberExpression
  | TSESTree.Property
  | TSESTree.PropertyDefinition
  | TSESTree.AccessorProperty
  | TSESTree.MethodDefinition;
