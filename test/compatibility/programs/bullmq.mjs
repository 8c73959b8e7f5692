import * as bullmq from 'bullmq';
import { connectionOf, runJob } from './rig/bullmq-jobs.mjs';
import { runWork } from './rig/run-work.mjs';

await runWork((given) => runJob(bullmq, connectionOf(given)));
