import { budgetDocument } from './budget.js';
import { clientsDocument } from './clients.js';
import { doctorDocument } from './doctor.js';
import { reapDocument } from './reap.js';
import type { DocumentShape } from './shape.js';

/** The documents of all commands with `--json`. */
export const documents: readonly DocumentShape[] = [
  clientsDocument,
  doctorDocument,
  reapDocument,
  budgetDocument,
];
