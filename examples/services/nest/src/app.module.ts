import { Module } from '@nestjs/common';
import { CatalogueController } from './catalogue.controller';
import { CatalogueService } from './catalogue.service';
import { redisProviders } from './redis.providers';

@Module({ controllers: [CatalogueController], providers: [...redisProviders, CatalogueService] })
export class AppModule {}
