import { HygieneError } from '../core/errors.js';
import { heartbeatRoles, LIBRARY_ROLE } from '../identity/connection-name.js';

/**
 * The role of clients that a library builds from `options()`. Nobody pings those, so a role that stands for a heartbeat
 * would let their silence pass for death.
 *
 * @throws HygieneError `HYG_OPTION_RANGE`
 */
export function libraryRole(asked: string | undefined): string {
  if (asked === undefined || !heartbeatRoles.has(asked)) return asked ?? LIBRARY_ROLE;
  const what = `options() was asked for the role "${asked}", which stands for a connection with a heartbeat.`;
  throw new HygieneError('HYG_OPTION_RANGE', `${what} Expected a word of your own, such as "queue".`, {
    details: { option: 'role', role: asked, reserved: [...heartbeatRoles] },
  });
}
