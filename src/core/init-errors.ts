import type { ErrorRow } from './error-row.js';

/** What can go wrong while a project is prepared. Nothing has been written then. */
export const initErrors = {
  HYG_INIT_PACKAGE: {
    meaning: 'A folder has no package.json that can be worked with.',
    remedy:
      'Name the folder of a package: redis-hygiene init services/orders. npm init makes a package.json.',
  },
  HYG_INIT_MONOREPO: {
    meaning: 'A folder holds several packages, and none of them was named.',
    remedy:
      'Run it for each service: redis-hygiene init services/orders; docs/adopt.md shows the road for many.',
  },
  HYG_INIT_ENTRY: {
    meaning: 'The file that a service starts with cannot be read, or lies outside of its folder.',
    remedy: 'Name it with --entry, from the folder of its package.json: --entry src/main.ts.',
  },
  HYG_INIT_WRITE: {
    meaning: 'A file cannot be written, or was changed by somebody else in the meantime.',
    remedy: 'Check the permissions, then run the command again. What had been written was taken back.',
  },
} as const satisfies Record<string, ErrorRow>;
