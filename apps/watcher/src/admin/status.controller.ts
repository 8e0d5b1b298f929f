import { Controller, Get, Inject } from '@nestjs/common';
import { Operation } from './operation.js';
import { STATUS_SOURCE, statusSchema, type StatusDto, type StatusSource } from './status.js';

@Controller('v1/status')
export class StatusController {
  constructor(@Inject(STATUS_SOURCE) private readonly source: StatusSource) {}

  @Get()
  @Operation({
    tag: 'Operation',
    summary: 'The state of this replica at a glance',
    answers: { 200: { description: 'Figures and reasons.', schema: statusSchema } },
  })
  async status(): Promise<StatusDto> {
    return this.source();
  }
}
