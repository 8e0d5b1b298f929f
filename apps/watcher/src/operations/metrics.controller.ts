import { Controller, Get, Header, Inject } from '@nestjs/common';
import { Operation } from '../admin/operation.js';
import { Metrics } from './metrics.js';

@Controller()
export class MetricsController {
  constructor(@Inject(Metrics) private readonly metrics: Metrics) {}

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Operation({
    tag: 'Operation',
    summary: 'Figures for Prometheus',
    answers: { 200: { description: 'The text format of Prometheus.', mediaType: 'text/plain' } },
  })
  async text(): Promise<string> {
    return this.metrics.text();
  }
}
