import type { FindingCode } from '../audit/finding-table.js';

/** Findings whose remedy is a setting of the server or a command. All other findings are about code of the clients. */
const serverFindings: ReadonlySet<string> = new Set<FindingCode>([
  'maxclients-near',
  'maxclients-lowered',
  'maxclients-uneven',
  'keepalive-off',
  'keepalive-slow',
  'timeout-hits-healthy',
  'timeout-misses-subscribers',
  'monitor-left-open',
  'stale-connections',
]);

/** Whether the options of a client library are a remedy of a finding. */
export function isAboutClients(code: FindingCode): boolean {
  return !serverFindings.has(code);
}
