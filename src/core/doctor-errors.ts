import type { ErrorRow } from './error-row.js';

/** What can go wrong on the command line. Nothing is tried again by itself there. */
export const doctorErrors = {
  HYG_CLI_USAGE: {
    meaning: 'The command line cannot be understood.',
    remedy: 'See redis-hygiene <command> --help.',
  },
  HYG_CLI_FILE: {
    meaning: 'A file could not be read, or does not hold what it should.',
    remedy: 'Check the path, the permissions and the content of the file.',
  },
  HYG_CLI_INTERRUPTED: {
    meaning: 'The command was stopped by a signal (Ctrl-C).',
    remedy: 'What was printed before is complete; run the command again for the rest.',
  },
  HYG_CLIENT_LIST_INVALID: {
    meaning: 'A text is no answer of CLIENT LIST.',
    remedy: 'Save one with: redis-cli CLIENT LIST > client-list. Each of its lines has addr=… in it.',
  },
  HYG_TARGET_UNREACHABLE: {
    meaning: 'A server could not be connected to, or did not answer in time.',
    remedy: 'Check host, port and TLS options, that the server runs, and that no firewall is in between.',
  },
  HYG_TARGET_FULL: {
    meaning: 'A server has as many connections as it takes (`maxclients`).',
    remedy:
      'Run the command with --wait 60s, or longer: it takes the first slot that becomes free, and works in that one connection.',
  },
  HYG_TARGET_AUTH: {
    meaning: 'A server refused the user name or password, or wants one.',
    remedy: 'Give them in the URL, or by --user and the environment variable REDISCLI_AUTH.',
  },
  HYG_TARGET_FOREIGN: {
    meaning: 'What answers at an address is no Redis, or wants TLS.',
    remedy: 'Check host and port; use rediss:// or --tls for a server that wants TLS.',
  },
  HYG_TARGET_PERMISSION: {
    meaning: 'The user may not run a command that is needed.',
    remedy: 'Grant it with the ACL line above; docs/acl.md lists what each command needs.',
  },
  HYG_TARGET_REPLY: {
    meaning: 'A server answered a command with an error, or with what is no answer to it.',
    remedy: 'Read the answer of the server above; some proxies and services take no CLIENT commands.',
  },
  HYG_KILL_UNSUPPORTED: {
    meaning: 'A server cannot close one connection by its id and address.',
    remedy: 'It needs Redis 2.8.12 or later, or a server that takes CLIENT KILL ID … ADDR … TYPE ….',
  },
  HYG_FLEET_INVALID: {
    meaning: 'A fleet file is not written as it should be.',
    remedy: 'Correct what is listed; docs/fleet-budget.md shows the format.',
  },
  HYG_ATTRIBUTION_SOURCE: {
    meaning: 'A source of names (Docker, Kubernetes, a hosts file) could not be asked.',
    remedy:
      'Check that it runs and that you may read it, or leave the option out: addresses are shown instead.',
  },
} as const satisfies Record<string, ErrorRow>;
