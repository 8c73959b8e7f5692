import type { Claim, Peer, Resolver } from './claim.js';
import { SENTINEL_LINK } from './peer.js';

function at({ ip, port }: Peer): string {
  if (port === undefined || port === 0) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function ownerOf(peer: Peer): string {
  if (peer.link === 'master') return `master ${at(peer)}`;
  if (peer.link === 'replica') return `replica ${peer.ip}`;
  const [, runId = ''] = SENTINEL_LINK.exec(peer.name) ?? [];
  return `sentinel ${runId} at ${peer.ip}`;
}

/** Names servers: replicas, the master, and the sentinels that watch. The server itself tells them from clients. */
export const serverLinkResolver: Resolver = {
  source: 'server',
  claim(peer): Claim | undefined {
    if (peer.link === 'client') return undefined;
    return { owner: ownerOf(peer), source: 'server', confidence: 'certain', role: peer.link };
  },
};
