import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AuditTrail } from '../audit/audit-trail.js';
import { LabelDefaultService } from '../streamers/label-default-service.js';
import { plainChangeOf, type LabelDefaults, type PlainSettings } from '../streamers/streamer-settings.js';
import { changeBy } from './change-by.js';
import {
  labelDefaultsListSchema,
  labelDefaultsSchema,
  newLabelDefaultsSchema,
  type LabelDefaultsDto,
} from './label-default-schemas.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { labelSchema } from './setting-schemas.js';
import { parse } from './validate.js';

const TAG = 'Defaults by label';
const LABEL = { label: 'The label, as streamers have it.' };
const UNKNOWN = { 404: 'This label has no defaults.' };

/** What streamers with a label take unless they set it themselves. */
@Controller('v1/label-defaults')
export class LabelDefaultsController {
  constructor(
    @Inject(LabelDefaultService) private readonly defaults: LabelDefaultService,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  @Get()
  @Operation({
    tag: TAG,
    summary: 'List the labels that have defaults',
    answers: { 200: { description: 'All of them, by label.', schema: labelDefaultsListSchema } },
    problems: DATABASE_AWAY,
  })
  async list(): Promise<{ labelDefaults: LabelDefaultsDto[] }> {
    return { labelDefaults: (await this.defaults.all()).map(view) };
  }

  @Get(':label')
  @Operation({
    tag: TAG,
    summary: 'Look the defaults of a label up',
    params: LABEL,
    answers: { 200: { description: 'The defaults.', schema: labelDefaultsSchema } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async get(@Param('label') label: string): Promise<LabelDefaultsDto> {
    return view(await this.defaults.get(label));
  }

  @Put(':label')
  @Operation({
    tag: TAG,
    summary: 'Set the defaults of a label',
    description: 'In the place of what the label gave before: settings that are left out are given no more.',
    params: LABEL,
    body: [newLabelDefaultsSchema],
    answers: { 200: { description: 'The defaults as they are now.', schema: labelDefaultsSchema } },
    problems: { 409: 'As many labels have defaults as may.', ...DATABASE_AWAY },
  })
  async put(
    @Param('label') label: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<LabelDefaultsDto> {
    const { precedence, ...settings } = parse(newLabelDefaultsSchema, body);
    const name = parse(labelSchema, label, 'query');
    const row = await this.defaults.put(name, precedence, plainChangeOf(settings as PlainSettings) as PlainSettings);
    const details = { fields: Object.keys(settings), precedence };
    await this.audit.record(changeBy(request, 'labelDefaults.changed', ['label-defaults', name], details));
    return view(row);
  }

  @Delete(':label')
  @HttpCode(204)
  @Operation({
    tag: TAG,
    summary: 'Remove the defaults of a label',
    description: 'Streamers keep the label.',
    params: LABEL,
    answers: { 204: { description: 'Removed.' } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async remove(@Param('label') label: string, @Req() request: FastifyRequest): Promise<void> {
    await this.defaults.remove(label);
    await this.audit.record(changeBy(request, 'labelDefaults.removed', ['label-defaults', label]));
  }
}

function view({ label, precedence, settings, createdAt, updatedAt }: LabelDefaults): LabelDefaultsDto {
  return {
    label,
    precedence,
    ...settings,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
