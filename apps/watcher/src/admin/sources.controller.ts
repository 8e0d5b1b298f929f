import { Controller, Get, Inject } from '@nestjs/common';
import { Operation } from './operation.js';
import { SOURCES_STATUS, sourcesSchema, type SourcesDto, type SourcesStatus } from './sources.js';

@Controller('v1/sources')
export class SourcesController {
  constructor(@Inject(SOURCES_STATUS) private readonly source: SourcesStatus) {}

  @Get()
  @Operation({
    tag: 'Operation',
    summary: 'The ways into rooms and the budget of signatures',
    description:
      'What this replica knows: the health of each way over each route, and the quota that the fleet shares.',
    answers: { 200: { description: 'Ways, windows of the quota, and who waits.', schema: sourcesSchema } },
  })
  sources(): SourcesDto {
    return this.source();
  }
}
