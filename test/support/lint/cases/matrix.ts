import type { LintCase } from './case.js';
import { aliases } from './form-aliases.js';
import { dynamic, imports, interop, requires } from './form-imports.js';
import { reexports } from './form-reexports.js';
import { clientExports } from './client-exports.js';

const forms = [...imports, ...requires, ...dynamic, ...interop, ...aliases, ...reexports];

const cells: readonly LintCase[] = forms.flatMap(([title, language, code]) =>
  clientExports.map((clientExport) => ({
    title: `${clientExport.module} ${clientExport.member}: ${title}`,
    language,
    code: `${code(clientExport)}\n`,
  })),
);

/** Each form with each client export, without duplicates: `export *` is the same for all members of a library. */
export const matrix: readonly LintCase[] = [...new Map(cells.map((cell) => [cell.code, cell])).values()];
