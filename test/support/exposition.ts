/** A line of Prometheus' text format. */
export interface ExposedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const COMMENT = new RegExp(`^# (HELP|TYPE|UNIT) (${NAME})(?: (.*))?$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)(?: \\d+)?$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const TYPES = ['counter', 'gauge', 'histogram'];
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['', '_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/**
 * Reads Prometheus' text format, or that of OpenMetrics, more strictly than a server does.
 *
 * @throws Error for what is not valid: a sample without its type, a series that occurs twice, buckets that fall
 */
export function parseExposition(text: string): readonly ExposedSample[] {
  if (!text.endsWith('\n')) throw new Error('The text does not end with a line break.');
  const types = new Map<string, string>();
  const samples: ExposedSample[] = [];
  let family = '';
  for (const line of text.split('\n').filter((one) => one !== '' && one !== '# EOF')) {
    const [, keyword, name = '', rest = ''] = COMMENT.exec(line) ?? [];
    if (keyword === 'TYPE') {
      if (types.has(name) || !TYPES.includes(rest)) throw new Error(`Bad or repeated type: ${line}`);
      types.set(name, rest);
      family = name;
    }
    if (keyword === undefined) samples.push(parseSample(line, family, types.get(family) ?? ''));
  }
  checkSeries(samples);
  checkHistograms(samples);
  return samples;
}

function parseSample(line: string, family: string, type: string): ExposedSample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  const isOfFamily = SUFFIXES[type]?.some((suffix) => name === family + suffix);
  if (!isOfFamily) throw new Error(`Not a sample of ${family} (${type}): ${line}`);
  if (!Number.isFinite(Number(value))) throw new Error(`Not a number: ${line}`);
  return { name, labels: parseLabels(labels, line), value: Number(value) };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    if (name === '' || name in labels) throw new Error(`Bad labels: ${line}`);
    labels[name] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
}

function checkSeries(samples: readonly ExposedSample[]): void {
  const keys = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]));
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index);
  if (repeated !== undefined) throw new Error(`The series occurs twice: ${repeated}`);
}

/** Buckets rise with their bound up to the count. */
function checkHistograms(samples: readonly ExposedSample[]): void {
  const last = new Map<string, { readonly bound: number; readonly value: number }>();
  for (const { name, labels, value } of samples) {
    if (!name.endsWith('_bucket')) continue;
    const { le = '', ...others } = labels;
    const key = JSON.stringify([name, others]);
    const bound = le === '+Inf' ? Infinity : Number(le);
    const before = last.get(key) ?? { bound: -Infinity, value: 0 };
    if (!(bound > before.bound) || value < before.value) throw new Error(`Bad bucket: ${key} ${le}`);
    last.set(key, { bound, value });
    const count = samples.find(
      (one) =>
        one.name === name.replace('_bucket', '_count') &&
        JSON.stringify(one.labels) === JSON.stringify(others),
    );
    if (bound === Infinity && count?.value !== value) throw new Error(`The count differs: ${key}`);
  }
}
