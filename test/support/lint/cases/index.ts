import type { Case } from './case.js';
import { invalidCode } from './invalid-code.js';
import { invalidCopied } from './invalid-copied.js';
import { invalidExports } from './invalid-exports.js';
import { invalidLibraries } from './invalid-libraries.js';
import { invalidTokens } from './invalid-tokens.js';
import { matrix } from './matrix.js';
import { validAllowed } from './valid-allowed.js';
import { validMembers } from './valid-members.js';
import { validNames } from './valid-names.js';
import { validTypes } from './valid-types.js';
import { validWeird } from './valid-weird.js';

/** Files in which no-direct-client finds something, for every linter alike. */
export const invalid: readonly Case[] = [
  ...matrix,
  ...invalidLibraries,
  ...invalidCode,
  ...invalidCopied,
  ...invalidExports,
  ...invalidTokens,
];

/** Files in which it finds nothing. */
export const valid: readonly Case[] = [
  ...validTypes,
  ...validMembers,
  ...validNames,
  ...validAllowed,
  ...validWeird,
];
