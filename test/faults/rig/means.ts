import { reason } from '../../support/redis/errors.js';
import { createNamespaces } from './namespaces.js';
import { findTools, type Tools } from './tools.js';

/** What a rig needs of the machine, or why it cannot be built there. */
type Means = { readonly tools: Tools } | { readonly missing: string };

/** Tries whether a rig can be built here: root on Linux, and the network tools or a package mirror that has them. */
export async function findMeans(): Promise<Means> {
  if (process.platform !== 'linux') return { missing: 'network namespaces need Linux' };
  if (process.getuid?.() !== 0) return { missing: 'network namespaces need root' };
  try {
    const tools = await findTools();
    const trial = await createNamespaces(tools);
    await tools.run(trial.router, 'nft', 'list ruleset').finally(() => trial.remove());
    return { tools };
  } catch (error) {
    return { missing: reason(error) };
  }
}
