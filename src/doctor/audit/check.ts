import type { AuditOptions } from './examination.js';
import type { Finding } from './finding.js';
import type { Survey } from './survey.js';

/** Looks for one kind of trouble in one server. Pure: the same survey gives the same findings. */
export type Check = (survey: Survey, options: AuditOptions) => readonly Finding[];

/** Looks for trouble that only shows between several servers. */
export type FleetCheck = (surveys: readonly Survey[]) => readonly Finding[];
