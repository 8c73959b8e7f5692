import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import { REDIS, SUBSCRIBER } from './redis.providers';

const CHANGED = 'catalogue:changed';

/** Articles in Redis, and a copy in memory that is dropped when any instance changes one. */
@Injectable()
export class CatalogueService implements OnModuleInit {
  private readonly copies = new Map<string, string>();

  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(SUBSCRIBER) private readonly subscriber: Redis,
  ) {}

  async onModuleInit(): Promise<void> {
    this.subscriber.on('message', (_channel: string, sku: string) => this.copies.delete(sku));
    await this.subscriber.subscribe(CHANGED);
  }

  async read(sku: string): Promise<{ title: string; copied: boolean } | undefined> {
    const copy = this.copies.get(sku);
    if (copy !== undefined) return { title: copy, copied: true };
    const title = await this.redis.get(`catalogue:${sku}`);
    if (title === null) return undefined;
    this.copies.set(sku, title);
    return { title, copied: false };
  }

  async write(sku: string, title: string): Promise<void> {
    await this.redis.multi().set(`catalogue:${sku}`, title).publish(CHANGED, sku).exec();
  }
}
