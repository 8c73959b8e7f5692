// OpenTelemetry's instrumentation of ioredis, with a tracer that keeps the names of spans. Preloaded before or after ours.
import { trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { register } from 'node:module';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
globalThis.spans = [];
const span = new Proxy(
  {},
  {
    get: (_, key) =>
      key === 'spanContext' ? () => ({ traceId: '1', spanId: '1', traceFlags: 1 }) : () => span,
  },
);
const tracer = {
  startSpan: (name) => (globalThis.spans.push(name), span),
  startActiveSpan: (name, ...rest) => (globalThis.spans.push(name), rest.at(-1)(span)),
};
trace.setGlobalTracerProvider({ getTracer: () => tracer });
registerInstrumentations({
  tracerProvider: { getTracer: () => tracer },
  instrumentations: [new IORedisInstrumentation({ requireParentSpan: false })],
});
