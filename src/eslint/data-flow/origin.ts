import type { TSESTree } from '@typescript-eslint/utils';

/** The step of a path that stands for "what a call gives": `new R()` and `R()` alike, awaited or not. */
export const CALL = '()';

/** The step of a path that stands for "any element", as `for (const R of list)` asks for. */
export const ANY = '*';

/** Names of members, `()` and `*`, from the module's exports to the value. */
export type Steps = readonly string[];

/** Where a value comes from: a member of a module, or what came out of one. */
export interface Origin {
  /** As it is written in the import. */
  readonly module: string;
  /** `['default']` for a default import, `[]` for the exports themselves, `['createClient', '()']` for a client. */
  readonly path: Steps;
  /** The string that names the module, where it stands in the import, the `require()` or the `import()` itself. */
  readonly source: TSESTree.Node | undefined;
}

/** "What `node.step.step…` is" is the question to ask next. */
export interface OriginQuery {
  /** Missing where a parser left a hole. */
  readonly node: TSESTree.Node | null | undefined;
  readonly steps: Steps;
}

/** An answer, or the next question. */
export type OriginStep = Origin | OriginQuery;

/** What is known beside the node itself. */
export interface SourceContext {
  /** The variable that an identifier means, if the file declares it. */
  readonly variableOf: (identifier: TSESTree.Identifier | TSESTree.JSXIdentifier) => Variable | undefined;
  /** The name that a member is read by, `#name` for a private one; undefined where it is not constant. */
  readonly keyOf: (node: KeyedNode) => string | undefined;
  /** The text that an expression always has. */
  readonly textOf: (node: TSESTree.Node) => string | undefined;
  /** The nodes below a node, of known types or not. */
  readonly childrenOf: (node: TSESTree.Node) => readonly TSESTree.Node[];
  /** Answers a question of its own; a question within itself has no answers. */
  readonly originsOf: (node: TSESTree.Node) => readonly Origin[];
}

/** A variable as scope managers describe it. */
export interface Variable {
  readonly defs: readonly Definition[];
  readonly references: readonly { readonly identifier: TSESTree.Node; isWrite(): boolean }[];
}

/** One declaration of a variable. */
export interface Definition {
  readonly type: string;
  readonly name: TSESTree.Node;
  readonly node: TSESTree.Node;
  readonly parent?: TSESTree.Node | null | undefined;
}

/** What has a key that may be computed. */
export type KeyedNode =
  | TSESTree.MemberExpression
  | TSESTree.Property
  | TSESTree.PropertyDefinition
  | TSESTree.AccessorProperty
  | TSESTree.MethodDefinition;
