import type { LintCase } from './case.js';
import { invalidCode } from './invalid-code.js';
import { invalidCopied } from './invalid-copied.js';
import { invalidExports } from './invalid-exports.js';
import { invalidLibraries } from './invalid-libraries.js';
import { invalidMocks } from './invalid-mocks.js';
import { invalidTokens } from './invalid-tokens.js';
import { matrix } from './matrix.js';
import { validAllowed } from './valid-allowed.js';
import { validMocks } from './valid-mocks.js';
import { validMembers } from './valid-members.js';
import { validNames } from './valid-names.js';
import { validTypes } from './valid-types.js';
import { validWeird } from './valid-weird.js';

/** Cases in which no-direct-client has findings, the same in every linter. */
export const invalid: readonly LintCase[] = [
  ...matrix,
  ...invalidLibraries,
  ...invalidCode,
  ...invalidCopied,
  ...invalidExports,
  ...invalidTokens,
  ...invalidMocks,
];

/** Cases in which no-direct-client has no findings. */
export const valid: readonly LintCase[] = [
  ...validTypes,
  ...validMembers,
  ...validNames,
  ...validAllowed,
  ...validMocks,
  ...validWeird,
];
