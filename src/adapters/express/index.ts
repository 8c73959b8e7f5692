export { livez, type ProbeHandler, readyz } from './probes.js';
export { checkReadiness, type ReadinessAnswer } from '../readiness.js';
