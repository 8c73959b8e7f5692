import type { Case } from './case.js';
import { aliases } from './form-aliases.js';
import { dynamic, imports, interop, requires } from './form-imports.js';
import { reexports } from './form-reexports.js';
import { libraries } from './library.js';

const forms = [...imports, ...requires, ...dynamic, ...interop, ...aliases, ...reexports];

const cells: readonly Case[] = forms.flatMap(([title, language, code]) =>
  libraries.map((library) => ({
    title: `${library.module} ${library.member}: ${title}`,
    language,
    code: `${code(library)}\n`,
  })),
);

/** Each form × each library, and each file once: `export *` is the same for all members. */
export const matrix: readonly Case[] = [...new Map(cells.map((cell) => [cell.code, cell])).values()];
