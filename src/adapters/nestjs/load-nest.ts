import { createRequire } from 'node:module';
import type * as Nest from '@nestjs/common';
import type { InjectionToken } from '@nestjs/common';
import { checkPeerVersion, loadPeer } from '../../core/lazy.js';

const require = createRequire(import.meta.url);

/** Majors of Nest that the tests run with. Nest 12 is ES modules, which `require()` loads since Node 20.19. */
const NEST_MAJORS = [11, 12];

/**
 * Loads the application's copy of Nest.
 *
 * @throws HygieneError `HYG_PEER_MISSING`, `HYG_PEER_VERSION`
 */
function loadNest(): typeof Nest {
  const nest = loadPeer('@nestjs/common', () => require('@nestjs/common') as typeof Nest);
  const { version } = require('@nestjs/common/package.json') as { readonly version: string };
  checkPeerVersion('@nestjs/common', version, NEST_MAJORS);
  return nest;
}

/** Nest, loaded with this entry point, whose module is made of it. */
export const nest = loadNest();

/** The modules of an application, by a key of Nest. */
export type NestModules = ReadonlyMap<string, { readonly providers: ReadonlyMap<unknown, unknown> }>;

/** Token of the modules of an application; `undefined` where a package manager hides Nest's core from this package. */
export function modulesToken(): InjectionToken | undefined {
  try {
    return (require('@nestjs/core') as { ModulesContainer?: InjectionToken }).ModulesContainer;
  } catch {
    return undefined;
  }
}
