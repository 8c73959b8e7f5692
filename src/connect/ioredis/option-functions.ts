import { HygieneError } from '../../core/errors.js';

// Any function can be given as an option, so its parameters are not known.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type OptionFunction = (...args: any[]) => unknown;

/** The function that each guarded one calls. Options with a guarded function may come back through `duplicate()`. */
const originals = new WeakMap<OptionFunction, OptionFunction>();

/** Functions and objects of the application whose exception has been reported. */
const reported = new WeakSet<object>();

/** Reports an exception of a function, or of an object with getters, that the application gave as an option; each once. */
export function reportOptionThrew(
  option: string,
  given: object,
  thrown: unknown,
  onFailure: (error: HygieneError) => void,
): void {
  if (reported.has(given)) return;
  reported.add(given);
  onFailure(optionThrewError(option, thrown));
}

/**
 * Guards a function that the application gave as an option of ioredis: if it throws, the exception is reported, and the
 * fallback is called instead. ioredis calls such functions on events of a socket and in timers, where an exception would
 * end the process. A function that is guarded already is guarded anew.
 */
export function guardOption<Given extends OptionFunction>(
  option: string,
  given: Given,
  fallback: NoInfer<Given>,
  onFailure: (error: HygieneError) => void,
): Given {
  const original = originalOf(given);
  function guarded(this: unknown, ...args: unknown[]): unknown {
    try {
      return original.apply(this, args);
    } catch (error) {
      reportOptionThrew(option, original, error, onFailure);
      return fallback.apply(this, args);
    }
  }
  setOriginal(guarded, original);
  return guarded as Given;
}

/** Marks a function as a guard around one of the application. */
export function setOriginal(guarded: OptionFunction, original: OptionFunction): void {
  originals.set(guarded, original);
}

/** The application's own function below a guarded one. */
export function originalOf<Given extends OptionFunction>(given: Given): Given {
  return (originals.get(given) ?? given) as Given;
}

function optionThrewError(option: string, thrown: unknown): HygieneError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new HygieneError('HYG_OPTION_THREW', `The option \`${option}\` threw: ${message}.`, {
    details: { option },
    cause: thrown,
  });
}
