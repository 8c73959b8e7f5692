import { type Command, Option } from 'commander';
import { HygieneError } from '../../core/errors.js';
import type { ClientLibrary } from '../../doctor/attribution/client-library.js';
import { nothingIsLocal } from '../../doctor/attribution/ip-address.js';
import type { AuditOptions } from '../../doctor/audit/audit-context.js';
import { audit } from '../../doctor/audit/audit.js';
import { doctorJson, renderFindings } from '../../doctor/render/findings-report.js';
import { renderJson } from '../../doctor/render/json-document.js';
import { parseConfiguration } from '../../doctor/server/config-file.js';
import { examine, type ExaminedSource, attributeExaminations } from '../../doctor/sources/examine.js';
import type { RowSource } from '../../doctor/sources/source.js';
import { readFileText } from '../../doctor/text/file-text.js';
import {
  addAttributionOptions,
  type AttributionOptions,
  createPeerAttribution,
} from '../attribution-options.js';
import type { CommandHost, CommandIo } from '../command-io.js';
import { type Console, createConsole, pause } from '../console.js';
import { createLibraryOption } from '../library-option.js';
import { addSourceOptions, openSources, type SourceOptions } from '../open-sources.js';
import {
  addServerOptions,
  parseTimeLimitMs,
  createListOption,
  type ServerOptions,
  createTimeOption,
} from '../server-options.js';

interface DoctorOptions extends ServerOptions, SourceOptions, AttributionOptions {
  readonly heartbeat: number;
  readonly firewallIdle?: number;
  readonly sentinelConf: readonly string[];
  readonly failOn: 'warning' | 'error';
  readonly library?: ClientLibrary;
  readonly json?: true;
}

/** `redis-hygiene doctor`. */
export function addDoctor(program: Command, host: CommandHost): void {
  const command = program
    .command('doctor')
    .description('Find what is wrong with the connections of servers, who causes it, and what to do')
    .argument(
      '[url...]',
      'redis://[user[:password]@]host[:port], host:port, or a socket (default: REDIS_URL)',
    )
    .optionsGroup('Checks:')
    .addOption(
      new Option('--fail-on <severity>', 'exit with code 1 for findings of this severity or above')
        .choices(['warning', 'error'])
        .default('warning'),
    )
    .addOption(
      createTimeOption('--heartbeat <time>', 'heartbeat interval of the services', '15s', parseTimeLimitMs),
    )
    .option('--firewall-idle <time>', 'idle time after which a firewall drops a session', parseTimeLimitMs)
    .addOption(createListOption('--sentinel-conf <file>', 'audit a sentinel.conf'))
    .addOption(
      createLibraryOption('show the remedies of this client library (default: the one that is found)'),
    )
    .option('--json', 'print JSON (docs/json.md)');
  addAttributionOptions(addServerOptions(addSourceOptions(command))).action(
    (urls: string[], options: DoctorOptions) => doctor(urls, options, host),
  );
}

async function doctor(
  urls: readonly string[],
  options: DoctorOptions,
  { io, exit }: CommandHost,
): Promise<void> {
  const console = createConsole(io);
  const configurations = await Promise.all(options.sentinelConf.map((path) => readConfiguration(path, io)));
  using opened = await openSources(urls, options, { io, console, hasOthers: configurations.length > 0 });
  const { failures } = opened;
  if (failures.length > 0) exit(2);
  if (opened.sources.length + configurations.length === 0) return;
  const attributePeers = createPeerAttribution(options, opened.sources, io, console);
  const examined = await Promise.all(
    opened.sources.map((source) => examineSource(source, options, io, console)),
  );
  const examinations = await attributeExaminations([...examined, ...configurations], attributePeers);
  const findings = audit(examinations, auditOptionsOf(options));
  if (options.json) {
    const facts = { at: io.clock.now(), failures, warnings: console.warnings() };
    console.print(renderJson(doctorJson(examinations, findings, facts)));
  } else {
    const hasSeveralTargets = examinations.length > 1;
    const report = { findings, hasSeveralTargets, failedTargets: failures.length, library: options.library };
    console.print(renderFindings(report, console));
  }
  const fails = findings.some(({ severity }) => severity === 'error' || options.failOn === 'warning');
  if (fails && failures.length === 0) exit(1);
}

async function readConfiguration(path: string, io: CommandIo): Promise<ExaminedSource> {
  const text = await readFileText(path).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HygieneError('HYG_CLI_FILE', `${path} cannot be read: ${why}.`, { cause });
  });
  const now = { at: io.clock.now(), rows: [], info: new Map<string, string>() };
  const config = parseConfiguration(text, path);
  return { isLocal: nothingIsLocal, examined: { target: path, kind: 'sentinel-conf', now, config } };
}

async function examineSource(
  { isLocal, server, ...source }: RowSource,
  { sample }: DoctorOptions,
  io: CommandIo,
  console: Console,
): Promise<ExaminedSource> {
  const pauseBetween = server && sample !== undefined ? () => pause(io, console, sample) : undefined;
  const onRefusal = (error: HygieneError) => console.warn(error.message);
  return {
    isLocal,
    examined: await examine({ ...source, isLocal, server }, io.clock, pauseBetween, onRefusal),
  };
}

function auditOptionsOf({ heartbeat, firewallIdle }: DoctorOptions): AuditOptions {
  return {
    heartbeatSeconds: heartbeat / 1000,
    ...(firewallIdle !== undefined && { firewallIdleSeconds: firewallIdle / 1000 }),
  };
}
