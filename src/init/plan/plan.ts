import type { Framework } from '../project/manifest.js';
import type { Language, ModuleKind } from '../project/module-system.js';

/** What is decided, by its owner or by what is there. */
export interface Choices {
  readonly framework: Framework;
  readonly module: ModuleKind;
  readonly language: Language;
  readonly service: string;
}

/** A file that is to be made, or changed. */
export interface FileChange {
  /** From the folder of the package, with `/`. */
  readonly path: string;
  /** What it holds now; `undefined` where it is made. */
  readonly before: string | undefined;
  readonly after: string;
  /** What is new in it. */
  readonly what: string;
}

/** Something to say. */
export interface PlanNote {
  /** `todo`: it is missing until somebody does it by hand. `note`: good to know. */
  readonly kind: 'todo' | 'note';
  readonly text: string;
  /** Lines of code that belong to it. */
  readonly lines?: readonly string[];
}

/** Everything that would be done. Nothing is, until it is applied. */
export interface Plan {
  readonly folder: string;
  readonly changes: readonly FileChange[];
  readonly told: readonly PlanNote[];
}

/** A part of a plan. */
export type PlanPart = Pick<Plan, 'changes' | 'told'>;

export const nothing: PlanPart = { changes: [], told: [] };

export const change = (one: FileChange, ...told: readonly PlanNote[]): PlanPart => ({ changes: [one], told });

export const tell = (...told: readonly PlanNote[]): PlanPart => ({ changes: [], told });
