import { requiredRights, requiredSentinelRights, rightTable } from '../../src/doctor/server/acl-rights.js';
import { NOTICE, table } from './markdown.js';

/** Name and first rules of the user in the examples. */
const EXAMPLE_USER = 'hygiene on >password -@all';

function setUserCommand(rules: readonly string[]): string {
  return `ACL SETUSER ${EXAMPLE_USER} ${rules.join(' ')}`;
}

function commandSections(): string {
  return Object.entries(requiredRights)
    .map(([command, rules]) => `### ${command}\n\n\`\`\`text\n${setUserCommand(rules)}\n\`\`\``)
    .join('\n\n');
}

function rightsTable(): string {
  const rows = Object.entries(rightTable).map(([right, { purpose, ifDenied }]) => {
    const commands = Object.entries(requiredRights).filter(([, rules]) => rules.includes(`+${right}`));
    return [`\`+${right}\``, purpose, ifDenied, commands.map(([command]) => command).join(', ')];
  });
  return table(['right', 'purpose', 'without it', 'needed by'], rows);
}

/** Content of docs/acl.md. */
export function aclPage(): string {
  return `${NOTICE}

# Rights of the Redis user

The commands need few rights, and no access to any key: \`~*\` is not required. A user with exactly these rights can run them.
If a required right is missing, the error contains the \`ACL SETUSER\` command that grants it.

## One line for each command

${commandSections()}

\`budget\` asks servers only with \`--live\`. Before Redis 7, \`maxclients\` is only available through CONFIG: all commands
show shares of it if the user also has \`+config|get\`. Before Redis 6 there are no ACL users.

## Purpose of each right

${rightsTable()}

## On sentinels

With \`--sentinel\`, servers are found through a sentinel, which has an ACL of its own:

\`\`\`text
${setUserCommand(requiredSentinelRights)}
\`\`\`

\`reap\` needs \`+client|id +client|kill\` there too. The services themselves need other rights, see
[liveness](liveness.md) and [sentinel](sentinel.md).
`;
}
