import { reason } from '../../support/redis/errors.js';
import { createNamespaces } from './namespaces.js';
import { findTools, type Tools } from './tools.js';

/** The tools for a rig, or the reason why no rig can be built on this machine. */
type RigSupport = { readonly tools: Tools } | { readonly missing: string };

/** Tests whether a rig can be built: this needs root on Linux, and the network tools or a package mirror that has them. */
export async function findRigSupport(): Promise<RigSupport> {
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
