import type { Identity } from '../../identity/detect-identity.js';
import { resolveOptions } from '../../options/resolve-options.js';
import type { Settings } from '../../options/settings.js';
import { type Ioredis, constructRedis } from '../ioredis/load-ioredis.js';
import type { ClientFactory, EnforcedOptions } from './client-factory.js';

interface MockClientFactoryPorts {
  readonly copy: Ioredis;
  readonly identity: Identity;
  readonly settings: Settings;
  /** Throws `HYG_SHUT_DOWN` once shutdown() has begun. */
  readonly assertOpen: () => void;
}

/** Makes clients of a mock of ioredis: it gets the options that ioredis would get, and its client is returned as it is. */
export function createMockClientFactory({
  copy,
  identity,
  settings,
  assertOpen,
}: MockClientFactoryPorts): ClientFactory {
  const enforceOptions: ClientFactory['enforceOptions'] = (given, role) => {
    const { options } = resolveOptions(given, identity, settings, role);
    return options as EnforcedOptions;
  };
  return {
    createClient(given, { construct = constructRedis(copy) } = {}) {
      assertOpen();
      return construct(enforceOptions(given));
    },
    enforceOptions,
    follow: () => undefined,
  };
}
