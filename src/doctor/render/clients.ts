import type { Claim } from '../attribution/claim.js';
import { formatSeconds } from '../group/duration.js';
import { brief, totalMaxclients, type RankedGroup, type Ranking } from '../group/ranking.js';
import type { Survey } from '../group/survey.js';
import { renderCsv } from './csv.js';
import type { Ink } from './ink.js';
import { renderTable, type Column } from './table.js';
import { bar, bytes, counted, grouped, percent } from './words.js';

const BAR_WIDTH = 12;

/** How people are told where a claim comes from, and how far it can be trusted. */
function knownBy(claim: Claim | undefined): string {
  if (!claim) return '';
  return claim.confidence === 'certain' ? claim.source : `${claim.source} (${claim.confidence})`;
}

function columns({ by, claims }: Survey, { groups }: Ranking): readonly Column<RankedGroup>[] {
  const has = (key: 'shareOfMaxclients' | 'growth') => groups.some((group) => group[key] !== undefined);
  const signed = (growth = 0) => (growth > 0 ? `+${grouped(growth)}` : String(growth));
  return [
    { title: 'clients', align: 'right', text: ({ count }) => grouped(count) },
    ...(has('growth')
      ? [{ title: 'growth', align: 'right', text: (group: RankedGroup) => signed(group.growth) } as const]
      : []),
    { title: 'share', align: 'right', text: ({ share }) => percent(share), expendable: 1 },
    { title: '', text: ({ share }) => bar(share, BAR_WIDTH), expendable: 5 },
    ...(has('shareOfMaxclients')
      ? [
          {
            title: 'of max',
            align: 'right',
            text: (group: RankedGroup) => percent(group.shareOfMaxclients ?? 0),
            expendable: 4,
          } as const,
        ]
      : []),
    { title: by, text: ({ key }) => key || '(none)' },
    ...(claims.size > 0
      ? [
          {
            title: 'known by',
            text: ({ key }: RankedGroup) => knownBy(claims.get(key)),
            expendable: 4,
          } as const,
        ]
      : []),
    { title: 'oldest', align: 'right', text: ({ oldest }) => formatSeconds(oldest), expendable: 2 },
    {
      title: 'median idle',
      align: 'right',
      text: ({ medianIdle }) => formatSeconds(medianIdle),
      expendable: 2,
    },
    { title: 'last commands', text: ({ commands, count }) => brief(commands, count), expendable: 3 },
    { title: 'flags', text: ({ flags, count }) => brief(flags, count), expendable: 6 },
    ...(groups.some(({ memory }) => memory > 0)
      ? [
          {
            title: 'memory',
            align: 'right',
            text: (group: RankedGroup) => bytes(group.memory),
            expendable: 7,
          } as const,
        ]
      : []),
  ];
}

function summary(survey: Survey): string {
  const maxclients = totalMaxclients(survey);
  const of =
    maxclients === undefined ? '' : ` of ${grouped(maxclients)} (${percent(survey.clients / maxclients)})`;
  const where = survey.targets.map(({ target }) => target).join(', ');
  return `${counted(survey.clients, 'client')}${of} on ${where}`;
}

/** For people. */
export function renderClients(
  survey: Survey,
  ranking: Ranking,
  paper: { width: number; ink: Ink },
): readonly string[] {
  const { omitted } = ranking;
  const rest =
    omitted.groups > 0
      ? [
          paper.ink.faint(
            `and ${counted(omitted.clients, 'client')} in ${counted(omitted.groups, 'more group')} (--top)`,
          ),
        ]
      : [];
  return [
    paper.ink.strong(summary(survey)),
    '',
    ...renderTable(ranking.groups, columns(survey, ranking), paper),
    ...rest,
  ];
}

/** For spreadsheets. */
export function clientsCsv({ by }: Survey, { groups }: Ranking): readonly string[] {
  const heading = [
    by,
    'clients',
    'share',
    'share_of_maxclients',
    'growth',
    'oldest_s',
    'median_idle_s',
    'memory_bytes',
  ];
  return renderCsv(
    heading,
    groups.map((group) => [
      group.key,
      group.count,
      group.share,
      group.shareOfMaxclients ?? '',
      group.growth ?? '',
      group.oldest,
      group.medianIdle,
      group.memory,
    ]),
  );
}
