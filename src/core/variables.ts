/** Called with what is wrong with an environment variable. Its default is used instead. */
export type OnInvalidVariable = (message: string) => void;

/** Reads a variable that takes one of some words. Undefined if it is not set, empty or invalid. */
export function readWord<Word extends string>(
  env: NodeJS.ProcessEnv,
  variable: string,
  words: readonly Word[],
  onInvalid: OnInvalidVariable,
): Word | undefined {
  const text = env[variable]?.trim().toLowerCase();
  const known = words.find((word) => word === text);
  if (known ?? !text) return known;
  onInvalid(`${variable} is ${JSON.stringify(text)}, expected ${words.join(' or ')}. It is ignored.`);
  return undefined;
}

/** Reads a variable that takes several of some words, separated by commas. Unknown words are ignored. */
export function readWords<Word extends string>(
  env: NodeJS.ProcessEnv,
  variable: string,
  words: readonly Word[],
  onInvalid: OnInvalidVariable,
): readonly Word[] {
  const given = (env[variable] ?? '').split(',').map((text) => text.trim().toLowerCase());
  for (const text of given.filter((item) => item && !words.some((word) => word.toLowerCase() === item))) {
    onInvalid(
      `${variable} contains ${JSON.stringify(text)}, expected one or more of ${words.join(', ')}. It is ignored.`,
    );
  }
  return words.filter((word) => given.includes(word.toLowerCase()));
}

/** Whether `REDIS_HYGIENE=off` makes the factory, the drop-in and the preload leave all clients to ioredis. */
export function isSwitchedOff(env: NodeJS.ProcessEnv, onInvalid: OnInvalidVariable): boolean {
  return readWord(env, 'REDIS_HYGIENE', ['on', 'off'], onInvalid) === 'off';
}
