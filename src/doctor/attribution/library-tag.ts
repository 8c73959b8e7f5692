import { parseConnectionName } from '../../identity/connection-name.js';
import type { Resolver } from './claim.js';

/**
 * The form that libraries agree on: `library(tag)`, several tags with `;` between them. ioredis and node-redis have it as
 * `clientInfoTag`, Jedis as `ClientSetInfoConfig`; redis-py and Lettuce put there the libraries that use them.
 *
 * @see https://redis.io/docs/latest/commands/client-setinfo/
 */
const TAGGED = /^([^()]+)\(([^()]*)\)$/;

/** A library on top of the library, as that page asks for: `spring-data-redis_v3.2.0`. It says nothing of who uses it. */
const FRAMEWORK = /^.+_v\d+(\.\d+)+\S*$/;

/**
 * go-redis always has braces: `go-redis(suffix,go1.22.1)`, the suffix mostly empty.
 *
 * @see https://github.com/redis/go-redis/blob/v9.7.0/commands.go (ClientSetInfo)
 */
const GO_VERSION = /,(?:go|devel)[^,]*$/;

function tagsOf(libName: string): readonly string[] {
  const [, library = '', inner = ''] = TAGGED.exec(libName) ?? [];
  const text = library === 'go-redis' ? inner.replace(GO_VERSION, '') : inner;
  return text.split(';').filter((tag) => tag !== '' && !FRAMEWORK.test(tag));
}

/** Takes the tag in `lib-name` for the name of the service; one of our own form is read as such. */
export const libraryTagResolver: Resolver = {
  source: 'library-tag',
  claim({ libName }) {
    const [tag] = tagsOf(libName);
    if (tag === undefined) return undefined;
    const { service, host } = parseConnectionName(tag) ?? { service: tag, host: undefined };
    const owner = host === undefined ? service : `${service}@${host}`;
    return {
      owner,
      source: 'library-tag',
      confidence: 'likely',
      service,
      ...(host !== undefined && { host }),
      note: `lib-name=${libName}`,
    };
  },
};
