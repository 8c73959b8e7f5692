import type { AuditOptions } from './examination.js';
import type { Finding } from './finding.js';
import type { Chart } from './chart.js';

/** Looks for one kind of trouble in one server. Pure: the same chart gives the same findings. */
export type Check = (chart: Chart, options: AuditOptions) => readonly Finding[];

/** Looks for trouble that only shows between several servers. */
export type FleetCheck = (charts: readonly Chart[]) => readonly Finding[];
