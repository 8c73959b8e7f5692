import { HygieneError } from '../core/errors.js';
import { optionTypeError } from '../options/check-options.js';
import { shortPath } from './leftovers-error.js';

/** A function of a test runner that registers a hook, such as `afterAll`. */
export type TestHook = (...args: never[]) => unknown;

/** Hooks of a test runner, for one whose hooks are not global. */
export interface TestHooks {
  readonly beforeAll?: TestHook | undefined;
  readonly afterAll?: TestHook | undefined;
  /** Needed for `each: 'test'`. */
  readonly beforeEach?: TestHook | undefined;
  /** Needed for `each: 'test'`. */
  readonly afterEach?: TestHook | undefined;
}

/** Names of the hooks, as vitest and Jest call them. */
export const HOOK_NAMES = ['beforeAll', 'afterAll', 'beforeEach', 'afterEach'] as const;

/** What runs after a test or a test file, when all hooks of the application have run. */
type Check = () => Promise<void>;

/** The runner of this process. Its hooks of the application run before ours, however it orders hooks. */
export interface TestRunner {
  /** What a test file is called in messages. */
  readonly fileName: () => string;
  onFileEnd(check: Check): void;
  /**
   * Is not called for tests that run at the same time as others: it is not known which of them has opened what.
   *
   * @param begin Called before each test with its name, if the runner tells it. Returns what runs after the test.
   */
  onEachTest(begin: (test: string | undefined) => Check): void;
}

/** Registers a hook. */
type Register = (hook: (context: TestContext | undefined) => unknown, timeout?: unknown) => void;
type Hooks = Readonly<Record<(typeof HOOK_NAMES)[number], Register>>;

/** What runners give to a hook: vitest the test as `task`, node:test its context. */
interface TestContext {
  readonly task?: { readonly name?: string; readonly concurrent?: boolean };
  readonly name?: string;
  readonly fullName?: string;
  readonly after?: (hook: () => unknown) => void;
}

/**
 * Finds the runner of this process and its hooks.
 *
 * @param given Hooks of the caller. Without them the global ones are used, or those of node:test.
 * @param needed Names of the hooks that will be used.
 * @param timeoutMs Time that a hook may take, for runners that limit it.
 * @throws HygieneError `HYG_TEST_HOOKS`, `HYG_OPTION_TYPE`
 */
export function findTestRunner(
  given: TestHooks,
  needed: readonly (keyof TestHooks)[],
  timeoutMs: number,
): TestRunner {
  const hooks = checkHooks(given, needed) ?? globalHooks();
  if (hooks && '__vitest_worker__' in globalThis) return vitestRunner(hooks, timeoutMs);
  if (isNodeTest() && !jestState()) return nodeTestRunner(hooks ?? nodeTestHooks());
  if (hooks) return jestRunner(hooks, timeoutMs);
  throw new HygieneError('HYG_TEST_HOOKS', 'No hooks of a test runner were found.');
}

/** The caller's hooks, if there are any. @throws HygieneError `HYG_OPTION_TYPE` */
function checkHooks(given: TestHooks, needed: readonly (keyof TestHooks)[]): Hooks | undefined {
  if (HOOK_NAMES.every((name) => given[name] === undefined)) return undefined;
  for (const name of HOOK_NAMES) {
    const hook: unknown = given[name];
    const isValid = hook === undefined ? !needed.includes(name) : typeof hook === 'function';
    if (!isValid) throw optionTypeError(name, hook, 'a function of the test runner, as the other hooks');
  }
  return given as unknown as Hooks;
}

function globalHooks(): Hooks | undefined {
  const globals = globalThis as unknown as Partial<Hooks>;
  const isComplete = HOOK_NAMES.every((name) => typeof globals[name] === 'function');
  return isComplete ? (globals as Hooks) : undefined;
}

/**
 * `node --test` sets the variable in the process of each test file. Without such processes it is an argument of this one. A
 * test file that is run by itself has loaded node:test.
 */
function isNodeTest(): boolean {
  if (process.env['NODE_TEST_CONTEXT'] !== undefined || process.execArgv.includes('--test')) return true;
  const { moduleLoadList = [] } = process as { readonly moduleLoadList?: readonly string[] };
  return moduleLoadList.includes('NativeModule test');
}

function nodeTestHooks(): Hooks {
  const { before, after, beforeEach, afterEach } = process.getBuiltinModule('node:test');
  return { beforeAll: before, afterAll: after, beforeEach, afterEach } as unknown as Hooks;
}

const THIS_FILE = () => 'This test file';

/** In vitest, a function that a `before…` hook returns runs after all `after…` hooks, whatever `sequence.hooks` is. */
function vitestRunner({ beforeAll, beforeEach }: Hooks, timeoutMs: number): TestRunner {
  return {
    fileName: THIS_FILE,
    onFileEnd: (check) => beforeAll(() => check, timeoutMs),
    onEachTest: (begin) =>
      beforeEach(
        (context) => (context?.task?.concurrent ? undefined : begin(context?.task?.name)),
        timeoutMs,
      ),
  };
}

/**
 * In node:test, hooks run in the order in which they were added, and a hook may add one more to the hooks that are running.
 * Before Node 22 a hook that fails at the end of a file does not fail the file, so the exit code has to.
 */
function nodeTestRunner({ afterAll, beforeEach }: Hooks): TestRunner {
  const runLast = (context: TestContext | undefined, check: Check) =>
    context?.after ? context.after(check) : check();
  return {
    fileName: nodeTestFile,
    onFileEnd: (check) => afterAll((context) => runLast(context, () => check().catch(failProcess))),
    onEachTest(begin) {
      const enter = createOverlapDetector();
      beforeEach((context) => {
        const name = context?.fullName ?? context?.name;
        const [leave, end] = [enter(name ?? ''), begin(name)];
        context?.after?.(() => runLast(context, async () => (leave() ? undefined : await end())));
      });
    },
  };
}

/**
 * Creates a function that is called when a test begins. It returns the one to call when the test ends, which tells whether
 * another test has run meanwhile that is neither part of this test nor the other way round.
 */
function createOverlapDetector(): (fullName: string) => () => boolean {
  const running = new Set<{ readonly fullName: string; overlaps: boolean }>();
  return (fullName) => {
    const test = { fullName, overlaps: false };
    for (const other of running) {
      if (!fullName.startsWith(`${other.fullName} > `)) test.overlaps = other.overlaps = true;
    }
    running.add(test);
    return () => {
      running.delete(test);
      return test.overlaps;
    };
  };
}

/** The test file of this process, unless it runs several. node:test itself would name the file that registered the hook. */
function nodeTestFile(): string {
  const [, file] = process.argv;
  return file === undefined || process.execArgv.includes('--test')
    ? 'This process'
    : `The test file ${shortPath(file)}`;
}

function failProcess(error: Error): never {
  process.exitCode ||= 1;
  if (Number.parseInt(process.versions.node) < 22) process.stderr.write(`${error.stack ?? error.message}\n`);
  throw error;
}

/** Jest, or another runner whose hooks have these names. */
function jestRunner({ afterAll, beforeEach, afterEach }: Hooks, timeoutMs: number): TestRunner {
  return {
    fileName: THIS_FILE,
    onFileEnd: (check) => keepLast(() => afterAll(() => check(), timeoutMs)),
    onEachTest(begin) {
      let end: Check | undefined;
      beforeEach(() => void (end = begin(jestState()?.currentlyRunningTest?.name)));
      keepLast(() => afterEach(() => end?.(), timeoutMs));
    },
  };
}

/** The part of Jest's state that is used here. Jest has it as a property of the global object, under a symbol. */
interface JestState {
  readonly currentDescribeBlock?: { readonly hooks: unknown[] };
  readonly currentlyRunningTest?: { readonly name: string } | null;
}

function jestState(): JestState | undefined {
  const symbols = Object.getOwnPropertySymbols(globalThis);
  const symbol = symbols.find(({ description }) => description === 'JEST_STATE_SYMBOL');
  return symbol && (globalThis as unknown as Record<symbol, JestState>)[symbol];
}

/**
 * Registers a hook that stays the last one. Jest runs hooks in the order in which they were added, so that a hook of a setup
 * file would run before those of the test file, which close its connections.
 */
export function keepLast(register: () => void): void {
  const hooks = jestState()?.currentDescribeBlock?.hooks;
  const before = new Set(hooks);
  register();
  const own = hooks?.find((hook) => !before.has(hook));
  if (!hooks || !own) return;
  const { push } = hooks; // ours, if another hook is kept last too
  Object.defineProperty(hooks, 'push', {
    configurable: true,
    writable: true,
    value(this: unknown[], ...added: unknown[]) {
      this.splice(this.lastIndexOf(own), 1);
      return push.call(this, ...added, own);
    },
  });
}
