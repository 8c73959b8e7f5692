import type { Ioredis } from './ioredis.js';

/** Whether a command waits on the server for data to come, so that nothing behind it is answered. */
export function isBlocking(
  { name, args }: { readonly name: string; readonly args: readonly unknown[] },
  { Command }: Pick<Ioredis, 'Command'>,
): boolean {
  const command = name.toLowerCase();
  if (command === 'wait' || command === 'waitaof') return true; // ioredis does not count them among these
  if (!Command.checkFlag('BLOCKING_COMMANDS', command)) return false;
  return !command.startsWith('xread') || args.some((argument) => String(argument).toUpperCase() === 'BLOCK');
}
