export {
  hygienicConnection,
  type HygienicConnection,
  type HygienicConnectionOptions,
} from './hygienic-connection.js';
export type { BullPart, BullReport, UnfinishedJobs } from './tracked-parts.js';
