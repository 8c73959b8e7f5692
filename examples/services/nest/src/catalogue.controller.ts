import { Body, Controller, Get, NotFoundException, Param, Put } from '@nestjs/common';
import { CatalogueService } from './catalogue.service';

@Controller('articles')
export class CatalogueController {
  constructor(private readonly catalogue: CatalogueService) {}

  @Get(':sku')
  async read(@Param('sku') sku: string): Promise<{ title: string; copied: boolean }> {
    const article = await this.catalogue.read(sku);
    if (!article) throw new NotFoundException('no such article');
    return article;
  }

  @Put(':sku')
  async write(@Param('sku') sku: string, @Body() { title }: { title: string }): Promise<{ title: string }> {
    await this.catalogue.write(sku, title);
    return { title };
  }
}
