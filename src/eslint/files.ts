/** What a rule knows of the file's name. */
interface Named {
  readonly cwd: string;
  readonly filename: string;
}

const TEST =
  /(?:^|[/\\])(?:tests?|__tests__|__mocks__|specs?|e2e|fixtures|benchmarks?|bench)[/\\]|[.-](?:test|spec|e2e|e2e-spec|bench|stories)\.[cm]?[jt]sx?$/i;

const CONFIGURATION = /[.-](?:config|setup)\.[cm]?[jt]s$|\.d(?:\.\w+)?\.[cm]?ts$/i;

function pathOf({ cwd, filename }: Named): string {
  return filename.startsWith(cwd) ? filename.slice(cwd.length) : filename;
}

/** Whether a file belongs to the tests, by its name or its folder. */
export function isTest(file: Named): boolean {
  return TEST.test(pathOf(file));
}

/** Whether a file is a configuration or a declaration: nothing that is started by itself. */
export function isConfiguration(file: Named): boolean {
  return CONFIGURATION.test(pathOf(file));
}
