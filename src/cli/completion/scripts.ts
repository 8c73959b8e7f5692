import { bashScript } from './bash.js';
import { fishScript } from './fish.js';
import type { Completion } from './model.js';
import { zshScript } from './zsh.js';

/** The shells that can be told what may be typed. */
export const completionScripts = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
} as const satisfies Record<string, (completion: Completion) => string>;

/** @see completionScripts */
export type Shell = keyof typeof completionScripts;
