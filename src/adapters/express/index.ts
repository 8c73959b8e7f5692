export { livez, type ProbeHandler, readyz } from './probes.js';
export { checkReadiness, type ProbedFactory, type ReadinessAnswer } from '../readiness.js';
