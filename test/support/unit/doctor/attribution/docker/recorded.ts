import { readFileSync } from 'node:fs';
import {
  type Container,
  readContainer,
} from '../../../../../../src/doctor/attribution/docker/container-engine.js';

/**
 * Recorded answers of real engines to `GET /containers/json` (Docker 20.10 with containerd 1.6, Podman 4.3 with netavark) with
 * the same containers: `shop-orders-1` of Compose in two networks, one of them with IPv6; `app` in the network stack of `vpn`;
 * `hosty` in the host network; `nonet` without a network. Docker also has a paused container, Podman a pod.
 */
export function answerOf(engine: 'docker' | 'podman'): unknown[] {
  const text = readFileSync(new URL(`answers/${engine}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as unknown[];
}

export function recorded(engine: 'docker' | 'podman'): Container[] {
  return answerOf(engine).map(readContainer);
}

/** A container with this name and the given fields. */
export function container(name: string, more: Partial<Container> = {}): Container {
  return {
    id: `id-of-${name}`,
    name,
    image: 'shop:1',
    project: undefined,
    service: undefined,
    networks: [],
    stack: { kind: 'own' },
    ...more,
  };
}

/** An attachment to a network whose gateway is `.1`. */
export function at(address: string, network = 'bridge') {
  return { network, addresses: [address], gateways: [address.replace(/\d+$/, '1')] };
}
