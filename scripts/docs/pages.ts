import { errorTable } from '../../src/core/errors.js';
import { closeReasons } from '../../src/ledger/connection.js';
import { staleCauses } from '../../src/liveness/health-check-target.js';
import { orphanOutcomes } from '../../src/liveness/reap-orphans.js';
import { limitTable, type Setting, settingTable } from '../../src/options/settings.js';
import { dropReasons } from '../../src/pool/pool-entry.js';
import { poolTable } from '../../src/pool/pool-options.js';
import { sessionStateTable } from '../../src/pool/session-state.js';
import { policyTable } from '../../src/options/policy.js';
import { aclPage } from './acl.js';
import { findingsPage } from './findings.js';
import { jsonPage, schemaFiles } from './json/page.js';
import { NOTICE, table } from './markdown.js';

/** The files of docs/ that are made from tables in src, by file name. */
export const generatedPages: Readonly<Record<string, () => string>> = {
  'options.md': optionsPage,
  'errors.md': errorsPage,
  'acl.md': aclPage,
  'findings.md': findingsPage,
  'json.md': jsonPage,
  ...schemaFiles,
};

function numbers(settings: Readonly<Record<string, Setting>>): string {
  const rows = Object.entries(settings).map(([name, { default: value, min, max, unit, meaning, why }]) => [
    `\`${name}\``,
    `${value} ${unit}`,
    `${min} to ${max}`,
    meaning,
    why,
  ]);
  return table(['option', 'default', 'bounds', 'meaning', 'why'], rows);
}

function policy(): string {
  const rows = Object.entries(policyTable).map(([option, { action, rule, why }]) => [
    `\`${option}\``,
    action,
    rule,
    why,
  ]);
  return table(['ioredis option', 'what we do', 'rule', 'why'], rows);
}

function optionsPage(): string {
  return `${NOTICE}

# Options

## Of the factory

\`createRedisFactory(options)\` takes \`service\`, \`host\` and \`connection\` (see [naming](naming.md) and
[getting started](getting-started.md)), and these numbers. A value outside its bounds is refused with
\`HYG_OPTION_RANGE\`, an unknown name with \`HYG_OPTION_UNKNOWN\`.

${numbers(settingTable)}

### Limits

\`createRedisFactory({ limits: { … } })\` sets the ceilings, and is checked the same way. See [the budget](budget.md).

${numbers(limitTable)}

## Of a pool

\`redis.pool(options)\` and \`redis.blocking(options)\` take \`connection\` and \`role\`, and these numbers. See
[pools](pools.md).

${numbers(poolTable)}

## What happens to ioredis options

Whatever \`client(options)\`, \`connection\` or the drop-in is given goes through this table. A value of yours that is
overridden is reported once, as a \`policy\` event with the value given, the value used and the reason. Options that
are not listed are left alone.

- **force**: always ours · **wrap**: yours runs inside ours · **raise**, **clamp**: yours, within bounds
- **default**: yours, else ours · **check**: refused if it makes no sense · **keep**: yours

${policy()}
`;
}

/** A table of words and their meanings. */
function glossary(head: string, words: Readonly<Record<string, string>>): string {
  const rows = Object.entries(words).map(([word, meaning]) => [`\`${word}\``, meaning]);
  return table([head, 'what it means'], rows);
}

/** What is taken away after a lease, and how. */
function traces(): string {
  const home = { name: '<name>', db: 0 };
  const rows = Object.entries(sessionStateTable).map(([, row]) => [
    row.meaning,
    'clean' in row
      ? `\`${row.clean(home).join(' ').toUpperCase()}\``
      : 'the connection is closed and replaced',
  ]);
  return table(['what is left', 'what takes it away'], rows);
}

function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([code, { meaning, remedy }]) => [
    `\`${code}\``,
    meaning,
    remedy,
  ]);
  return `${NOTICE}

# Errors

Every error of redis-hygiene is a \`HygieneError\` with a stable \`code\`, \`details\` as data and a message that says what
happened, what was expected and what to do. No password appears in any of them.

Errors at the door (options, URLs, a missing name) are thrown. Failures of connections are \`error\` events of the
factory; the client's own events and rejections stay those of ioredis, with two exceptions: a full server, and a refused password.
ioredis' error for it carries the AUTH command with the password, so commands are rejected with
\`HYG_AUTH_REFUSED\` instead, whose \`cause\` is the reply without the command. A command that has waited too long at a full
server is rejected with \`HYG_SERVER_FULL\` ([why](full-server.md)). Other errors of the handshake stay what they
are, rid of the password. Clients that a library builds from \`options()\` are beyond our reach: their errors are ioredis' own.

${table(['code', 'what it means', 'what to do'], rows)}

## Why a connection closed

The \`reason\` of a \`closed\` event. The first reason wins.

${glossary('reason', closeReasons)}

## Why a pool was rid of a connection

The names in \`statistics().closed\` of a [pool](pools.md). The first reason wins.

${glossary('reason', dropReasons)}

## What a borrower can leave on a pooled connection

${traces()}

## How a stale connection was found

The \`found\` of a \`stale\` event, see [liveness](liveness.md).

${glossary('found', staleCauses)}

## What became of an orphan

The \`outcome\` of an \`orphan\` event; its \`why\` says more.

${glossary('outcome', orphanOutcomes)}
`;
}
