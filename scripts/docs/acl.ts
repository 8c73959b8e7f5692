import { grants, rightTable, sentinelGrants } from '../../src/doctor/server/acl-rights.js';
import { NOTICE, table } from './markdown.js';

/** The user of the examples. */
const USER = 'hygiene on >password -@all';

const setUser = (rules: readonly string[]) => `ACL SETUSER ${USER} ${rules.join(' ')}`;

function lines(): string {
  return Object.entries(grants)
    .map(([command, rules]) => `### ${command}\n\n\`\`\`text\n${setUser(rules)}\n\`\`\``)
    .join('\n\n');
}

function rights(): string {
  const rows = Object.entries(rightTable).map(([right, { purpose, without }]) => {
    const commands = Object.entries(grants).filter(([, rules]) => rules.includes(`+${right}`));
    return [`\`+${right}\``, purpose, without, commands.map(([command]) => command).join(', ')];
  });
  return table(['right', 'what for', 'without it', 'asked by'], rows);
}

/** docs/acl.md. */
export function aclPage(): string {
  return `${NOTICE}

# What a user may need to do

The commands ask for little, and never for a key: \`~*\` is not needed. A user with nothing but these rights can run them.
Where one is missing that a command cannot do without, the error has the line that grants it.

## A line for each command

${lines()}

\`budget\` asks servers only with \`--live\`. Before Redis 7 the limit \`maxclients\` is told by CONFIG alone: with \`+config|get\` all of them
show shares of it. Before Redis 6 there are no users.

## What each right is for

${rights()}

## On sentinels

Servers are found through \`--sentinel\` by a user of the sentinel, which has an ACL of its own:

\`\`\`text
${setUser(sentinelGrants)}
\`\`\`

\`reap\` needs \`+client|id +client|kill\` there too. The services themselves need other rights, see
[liveness](liveness.md) and [sentinel](sentinel.md).
`;
}
