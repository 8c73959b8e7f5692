import { captureOpener } from '../ledger/call-site.js';

/** The package a stack frame lies in; the last folder of that name counts, as packages nest. */
const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** Packages that stand between a client and whoever asked for it: clients themselves, and what traces them. */
const IN_BETWEEN =
  /^(ioredis|iovalkey|redis|@redis\/.*|@valkey\/.*|dd-trace|newrelic|elastic-apm-node|@opentelemetry\/.*|@sentry\/.*|(import|require)-in-the-middle)$/;

/** So many frames are looked through for the one who asked. */
const FRAMES = 6;

function packageIn(frame: string): string | undefined {
  return PACKAGE.exec(frame)?.[1]?.replace('\\', '/');
}

/**
 * The library that asks for a client now, `bullmq` or `nestjs/microservices`. Nothing where the application itself does, and
 * that may be installed like a library.
 */
export function askingLibrary(script = process.argv[1]): string | undefined {
  const own = script && packageIn(script);
  const names = captureOpener(FRAMES).map(packageIn);
  const asking = names.find((name) => name === undefined || !IN_BETWEEN.test(name));
  return asking === own ? undefined : asking?.replace(/^@/, '');
}
