import { errorTable } from '../../src/core/errors.js';
import { closeReasons, lossCauses } from '../../src/ledger/connection.js';
import { staleCauses } from '../../src/liveness/health-check-target.js';
import { orphanOutcomes } from '../../src/liveness/reap-orphans.js';
import { policyTable } from '../../src/options/policy.js';
import { profileTable } from '../../src/options/profile.js';
import { limitTable, type Setting, settingTable } from '../../src/options/settings.js';
import { dropReasons } from '../../src/pool/pool-entry.js';
import { poolSettingTable } from '../../src/pool/pool-options.js';
import { sessionStateTable } from '../../src/pool/session-state.js';
import { aclPage } from './acl.js';
import { channelsPage } from './channels.js';
import { compatibilityPage } from './compatibility.js';
import { findingsPage } from './findings.js';
import { healthPage } from './health.js';
import { jsonPage, schemaFiles } from './json/page.js';
import { findingPages } from './libraries.js';
import { logsPage } from './logs.js';
import { NOTICE, table } from './markdown.js';
import { metricsPage } from './metrics.js';

/** The files of docs/ that are generated from tables in src, by file name. */
export const generatedPages: Readonly<Record<string, () => string>> = {
  'options.md': optionsPage,
  'errors.md': errorsPage,
  'acl.md': aclPage,
  'channels.md': channelsPage,
  'compatibility.md': compatibilityPage,
  'findings.md': findingsPage,
  'health.md': healthPage,
  'json.md': jsonPage,
  'logs.md': logsPage,
  'metrics.md': metricsPage,
  ...schemaFiles,
  ...findingPages,
};

function optionsPage(): string {
  return `${NOTICE}

# Options

## Options of the factory

\`createRedisFactory(options)\` takes \`service\` and \`host\` ([naming](naming.md)), \`connection\` ([getting
started](getting-started.md)), \`mode\` ([modes](adopt.md#modes)), \`profile\` ([below](#profiles)), and the numbers below, which can be set in the
[environment](preload.md#variables) too. A value outside its bounds throws \`HYG_OPTION_RANGE\`, and an
unknown name throws \`HYG_OPTION_UNKNOWN\`.

${settingsTable(settingTable)}

### Limits

\`createRedisFactory({ limits: { … } })\` sets the limits. They are checked in the same way. See [the budget](budget.md).

${settingsTable(limitTable)}

### Profiles

The \`profile\` of a factory decides about the defaults of other numbers. An option, and its variable in the environment, take
precedence over it. \`short-lived\` is explained in [short-lived hosts](short-lived-hosts.md).

${profileRows()}

## Options of a pool

\`redis.pool(options)\` and \`redis.blocking(options)\` take \`connection\` and \`role\`, and the numbers below. See
[pools](pools.md).

${settingsTable(poolSettingTable)}

## How options of ioredis are changed

This table applies to all options given to \`client(options)\`, \`connection\` or the drop-in. An option of yours that is
overridden is reported once, as a \`policy\` event with the given value, the used value and the reason. Options that are not
listed are passed on unchanged.

- **force**: always our value · **wrap**: your function is called by ours · **raise**, **clamp**: your value, within bounds
- **default**: your value, or else ours · **check**: throws for an invalid value · **keep**: your value

${policyRows()}
`;
}

function profileRows(): string {
  return Object.entries(profileTable)
    .map(([profile, { meaning, settings, limits }]) => {
      const inLimits = Object.entries(limits).map(([name, row]) => [`limits.${name}`, row] as const);
      const rows = [...Object.entries(settings), ...inLimits].map(([name, row]) => [
        `\`${name}\``,
        String(row.default),
        row.why,
      ]);
      const differences = rows.length > 0 ? table(['option', 'default', 'why'], rows) : 'The defaults above.';
      return `**\`${profile}\`**: ${meaning}\n\n${differences}`;
    })
    .join('\n\n');
}

function settingsTable(settings: Readonly<Record<string, Setting>>): string {
  const rows = Object.entries(settings).map(([name, { default: value, min, max, unit, meaning, why }]) => [
    `\`${name}\``,
    `${value} ${unit}`,
    `${min} to ${max}`,
    meaning,
    why,
  ]);
  return table(['option', 'default', 'bounds', 'meaning', 'why'], rows);
}

function policyRows(): string {
  const rows = Object.entries(policyTable).map(([option, { action, rule, why }]) => [
    `\`${option}\``,
    action,
    rule,
    why,
  ]);
  return table(['ioredis option', 'action', 'rule', 'why'], rows);
}

function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([code, { meaning, remedy }]) => [
    `\`${code}\``,
    meaning,
    remedy,
  ]);
  return `${NOTICE}

# Errors

Every error of redis-hygiene is a \`HygieneError\` with a stable \`code\`, with \`details\` as data, and with a message that says
what happened, what was expected and what to do. None of them contains a password.

Invalid arguments (options, URLs, a missing name) throw. Failures of connections are \`error\` events of the factory. The
client's own events and rejections stay those of ioredis, with these exceptions:

- The error of ioredis for a refused password contains the AUTH command with the password. Commands are rejected with
  \`HYG_AUTH_REFUSED\` instead, and its \`cause\` is the reply without the command. Clients of the drop-in and of the
  preload get the reply itself without the password, because the application was written for it.
- A client that searches for its master with sentinels gets the [codes of such a search](sentinel.md).
- A command that waits too long for a full server is rejected with \`HYG_SERVER_FULL\` ([why](full-server.md)).
- Passwords are removed from the other errors of the handshake.

Clients that a library builds from \`options()\` are not covered: their errors are those of ioredis.

${table(['code', 'meaning', 'what to do'], rows)}

## Why a connection closed

The \`reason\` of a \`closed\` event. If several apply, the first one is reported.

${glossary('reason', closeReasons)}

## Why a socket closed

The \`loss\` of a \`reconnecting\` or \`closed\` event, if the client was not told to close.

${glossary('loss', lossCauses)}

## Why a pool closed a connection

The names in \`statistics().closed\` of a [pool](pools.md). If several apply, the first one is counted.

${glossary('reason', dropReasons)}

## What a borrower can leave on a pooled connection

${sessionStateRows()}

## Why a connection was found stale

The \`cause\` of a \`stale\` event, see [liveness](liveness.md).

${glossary('cause', staleCauses)}

## Outcome of an orphan

The \`outcome\` of an \`orphan\` event. Its \`why\` has the details.

${glossary('outcome', orphanOutcomes)}
`;
}

/** Renders words and their meanings. */
function glossary(heading: string, meanings: Readonly<Record<string, string>>): string {
  const rows = Object.entries(meanings).map(([word, meaning]) => [`\`${word}\``, meaning]);
  return table([heading, 'meaning'], rows);
}

/** Renders the state that a borrower can leave on a connection, and how it is reset. */
function sessionStateRows(): string {
  const defaults = { name: '<name>', db: 0 };
  const rows = Object.entries(sessionStateTable).map(([, row]) => [
    row.meaning,
    'reset' in row
      ? `\`${row.reset(defaults).join(' ').toUpperCase()}\``
      : 'the connection is closed and replaced',
  ]);
  return table(['what is left', 'how it is reset'], rows);
}
