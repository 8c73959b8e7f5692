import { HygieneError } from '../../core/errors.js';
import type { Fleet, FleetTarget } from './fleet.js';

/** A server that is to be compared with a target. */
export interface LiveServer {
  readonly target: FleetTarget;
  /** Its address; nothing for the one that is meant where none is named. */
  readonly url: string | undefined;
}

/** `main=redis://…`; a URL alone has its first `=`, if any, behind `://`. */
const NAMED = /^([^=:/]+)=(.+)$/;

/**
 * Reads which target a server on the command line belongs to: `target=address`, or an address where the file has one
 * target only.
 *
 * @throws HygieneError `HYG_CLI_USAGE`
 */
export function parseLive(text: string | undefined, { targets }: Fleet): LiveServer {
  const [, name, url = text] = NAMED.exec(text ?? '') ?? [];
  const names = targets.map((target) => target.name).join(', ');
  const target = name === undefined ? targets[0] : targets.find((one) => one.name === name);
  if (!target) throw new HygieneError('HYG_CLI_USAGE', `--live ${name}=…: there are the targets ${names}.`);
  if (name === undefined && targets.length > 1) {
    throw new HygieneError(
      'HYG_CLI_USAGE',
      `--live must say which target it is, such as --live ${target.name}=redis://host: there are ${names}.`,
    );
  }
  return { target, url };
}
