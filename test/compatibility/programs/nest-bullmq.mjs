import 'reflect-metadata';
import assert from 'node:assert/strict';
import { BullModule, getQueueToken, Processor, WorkerHost } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QueueEvents } from 'bullmq';
import { connectionOf } from './rig/bullmq-jobs.mjs';
import { decorate } from './rig/decorate.mjs';
import { runWork } from './rig/run-work.mjs';

class MailProcessor extends WorkerHost {
  process({ data }) {
    return Promise.resolve(data.number * 2);
  }
}
decorate(MailProcessor, Processor('mails'));

await runWork(async (given) => {
  const connection = connectionOf(given);
  class ApplicationModule {}
  decorate(
    ApplicationModule,
    Module({
      imports: [BullModule.forRoot({ connection }), BullModule.registerQueue({ name: 'mails' })],
      providers: [MailProcessor],
    }),
  );
  const app = await NestFactory.createApplicationContext(ApplicationModule, { logger: ['error', 'warn'] });
  const events = new QueueEvents('mails', { connection });
  await events.waitUntilReady();
  const job = await app.get(getQueueToken('mails')).add('mail', { number: 21 });
  assert.equal(await job.waitUntilFinished(events, 30_000), 42);
  return async () => {
    await events.close();
    await app.close();
  };
});
