import type { Framework } from '../project/manifest.js';
import type { Language, ModuleKind } from '../project/module-system.js';

/** Choices of a plan, made by its owner or detected. */
export interface Choices {
  readonly framework: Framework;
  readonly module: ModuleKind;
  readonly language: Language;
  readonly service: string;
}

/** A file to create or to change. */
export interface FileChange {
  /** Relative to the folder of the package, with `/`. */
  readonly path: string;
  /** Present text; `undefined` for a new file. */
  readonly before: string | undefined;
  readonly after: string;
  /** What the change adds, in a few words. */
  readonly what: string;
}

/** A note for the user. */
export interface PlanNote {
  /** `todo`: a step that is left to do by hand. `note`: information. */
  readonly kind: 'todo' | 'note';
  readonly text: string;
  /** Lines of code that belong to it. */
  readonly lines?: readonly string[];
}

/** All changes and notes of a run. Files change only when the plan is applied. */
export interface Plan {
  readonly folder: string;
  readonly changes: readonly FileChange[];
  readonly notes: readonly PlanNote[];
}

/** Changes and notes of one step. */
export type PlanPart = Pick<Plan, 'changes' | 'notes'>;

export const nothing: PlanPart = { changes: [], notes: [] };

export const change = (one: FileChange, ...notes: readonly PlanNote[]): PlanPart => ({
  changes: [one],
  notes,
});

export const note = (...notes: readonly PlanNote[]): PlanPart => ({ changes: [], notes });
