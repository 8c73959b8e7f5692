import type { Resolver } from './claim.js';
import { libraryResolver } from './library.js';
import { libraryTagResolver } from './library-tag.js';
import { nameResolver } from './name.js';
import { otherNameResolver } from './other-name.js';
import { serverLinkResolver } from './server-link.js';

/** Those who read in the row itself, and need to ask nobody. */
export const staticResolvers: readonly Resolver[] = [
  nameResolver,
  serverLinkResolver,
  libraryTagResolver,
  otherNameResolver,
  libraryResolver,
];
