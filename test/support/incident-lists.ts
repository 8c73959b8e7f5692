/** Creates a generator of pseudo-random numbers from 0 to `sides - 1`, the same in each run. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * sides);
  };
}

/** A row in the format of servers before Redis 5. */
function row(id: number, addr: string, name: string, [age, idle]: readonly [number, number], rest: string) {
  const [flags = '', cmd = '', db = '0', sub = '0'] = rest.split(' ');
  const buffers = 'qbuf=0 qbuf-free=0 obl=0 oll=0 omem=0';
  return `id=${id} addr=${addr} fd=${(id % 10_000) + 8} name=${name} age=${age} idle=${idle} flags=${flags} db=${db} sub=${sub} psub=0 multi=-1 ${buffers} events=r cmd=${cmd}`;
}

const TOTAL = 10_002;
/** Connections of the five addresses with the most, by the last byte. The other addresses have fewer than 32. */
const COUNTS = { '50': 5432, '104': 4244, '59': 43, '54': 40, '55': 32 };
const LEAKING = ['50', '104'];
const FILLED_IN_SECONDS = 240;

function hosts(roll: (sides: number) => number): string[] {
  const all = Object.entries(COUNTS).flatMap(([host, count]) => Array.from({ length: count }, () => host));
  for (let host = 60; all.length < TOTAL; host += 1) {
    const count = Math.min(TOTAL - all.length, 11 + roll(13));
    all.push(...Array.from({ length: count }, () => String(host)));
  }
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = roll(at + 1);
    [all[at], all[other]] = [all[other] as string, all[at] as string];
  }
  return all;
}

/** `CLIENT LIST` of incident 1, with ten thousand rows a few minutes after a restart. */
export function incident1List(): string {
  const roll = createDice(42);
  const rows = hosts(roll).map((host, at) => {
    const age = FILLED_IN_SECONDS - Math.floor((at * FILLED_IN_SECONDS) / TOTAL);
    const isLeaking = LEAKING.includes(host);
    const idle = isLeaking ? age : Math.min(age, roll(4));
    const cmd = isLeaking ? 'ping' : (['get', 'hget', 'setex', 'incr', 'zadd'][roll(5)] ?? 'get');
    const addr = `172.18.0.${host}:${32_768 + at}`;
    return row(391 + at, addr, '', [age, idle], `N ${cmd} ${host === '50' ? 9 : 0}`);
  });
  return `${rows.join('\n')}\n`;
}

/** Time between two connections: 7200 + 9 × 75 s until the client's OS notices the loss, and a pause of 5 s. */
const ROUND_SECONDS = 7875 + 5;
const ROUNDS = 28;
const LIVE_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** `CLIENT LIST` of a sentinel in incident 2, with the orphans of one client after 28 rounds, and three healthy clients. */
export function incident2List(): string {
  const roll = createDice(7);
  const ages = [LIVE_SECONDS];
  for (let at = 0; at < ROUNDS; at += 1) ages.unshift((ages[0] ?? 0) + ROUND_SECONDS + roll(16));
  const start = (ages[0] ?? 0) + DAY_SECONDS;
  const links = ['10.1.0.11', '10.1.0.12'].map((ip, at) =>
    row(3 + at, `${ip}:${51_324 + at}`, `sentinel-5c0a3f1${at}-cmd`, [start, 0], 'N ping'),
  );
  const quiet = ['31', '32', '33'].map((host, at) =>
    row(9 + at, `10.1.0.${host}:${43_000 + at}`, '', [start - at, start - at], 'P subscribe 0 1'),
  );
  const orphaned = ages.map((age, at) =>
    row(15 + 3 * at, `10.2.0.23:${35_000 + roll(20_000)}`, '', [age, age], 'P subscribe 0 1'),
  );
  return `${[...links, ...quiet, ...orphaned].join('\n')}\n`;
}
