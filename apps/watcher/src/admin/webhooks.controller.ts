import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditDetails } from '../audit/audit-entry.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { Secret } from '../common/secret.js';
import { normalizeUniqueId } from '../streamers/unique-id.js';
import { DEFAULT_TYPES, type Webhook } from '../webhooks/webhook.js';
import { eventType } from '../webhooks/webhook-filter.js';
import { WebhookService, type WebhookPatch } from '../webhooks/webhook-service.js';
import { changeBy } from './change-by.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { pageQuerySchema } from './schemas.js';
import { parse } from './validate.js';
import {
  deliveryPageSchema,
  deliveryQuerySchema,
  deliverySchema,
  newWebhookSchema,
  redeliveredSchema,
  rotationSchema,
  webhookChangesSchema,
  webhookPageSchema,
  webhookSchema,
  webhookTestSchema,
  webhookWithSecretSchema,
  type DeliveryDto,
  type WebhookDto,
  type WebhookWithSecretDto,
} from './webhook-schemas.js';
import { deliveryView, webhookView } from './webhook-views.js';

const TAG = 'Webhooks';
const ID = { id: 'Id of the webhook.' };
const KEYS = { 503: 'The database is away, or LIVETAP_SECRETS_KEYS does not hold the key that is needed.' };
const UNKNOWN = { 404: 'There is no such webhook.' };
const MS = 1_000;

/** Destinations that get events by HTTP, and what became of each event. Changing anything needs the role admin. */
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(
    @Inject(WebhookService) private readonly webhooks: WebhookService,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  @Post()
  @Operation({
    tag: TAG,
    summary: 'Add a webhook',
    description: 'The answer holds the signing secret, which is never shown again.',
    body: [newWebhookSchema],
    answers: {
      201: { description: 'Added.', schema: webhookWithSecretSchema, headers: { Location: 'Address of the webhook.' } },
    },
    problems: { 409: 'There are as many as there may be.', ...KEYS },
  })
  async add(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookWithSecretDto> {
    const { url, types, streamers, labels, description, enabled } = parse(newWebhookSchema, body);
    const { webhook, secret } = await this.webhooks.add({
      url: new Secret(url),
      types: wholeTypes(types ?? DEFAULT_TYPES),
      streamers: (streamers ?? []).map(normalizeUniqueId),
      labels: labels ?? [],
      description: description ?? '',
      enabled: enabled ?? true,
    });
    await this.record('webhook.added', request, webhook.id);
    void reply.header('location', `/v1/webhooks/${webhook.id}`).header('cache-control', 'no-store');
    return { ...this.view(webhook, request), secret: secret.reveal() };
  }

  @Get()
  @Operation({
    tag: TAG,
    summary: 'List webhooks',
    query: pageQuerySchema,
    answers: { 200: { description: 'One page, in the order of creation.', schema: webhookPageSchema } },
    problems: DATABASE_AWAY,
  })
  async list(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ webhooks: WebhookDto[]; nextCursor?: string }> {
    const { items, ...rest } = await this.webhooks.list(parse(pageQuerySchema, query, 'query'));
    return { webhooks: items.map((webhook) => this.view(webhook, request)), ...rest };
  }

  @Get(':id')
  @Operation({
    tag: TAG,
    summary: 'Look a webhook up',
    params: ID,
    answers: { 200: { description: 'The webhook.', schema: webhookSchema } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async get(@Param('id') id: string, @Req() request: FastifyRequest): Promise<WebhookDto> {
    return this.view(await this.webhooks.get(id), request);
  }

  @Patch(':id')
  @Operation({
    tag: TAG,
    summary: 'Change a webhook',
    description:
      'Fields that are left out stay as they are. `enabled: true` switches one on again that was switched off: what waits is due at once.',
    params: ID,
    body: [webhookChangesSchema],
    answers: { 200: { description: 'The webhook as it is now.', schema: webhookSchema } },
    problems: { ...UNKNOWN, ...KEYS },
  })
  async change(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<WebhookDto> {
    const { url, types, streamers, labels, description, enabled } = parse(webhookChangesSchema, body);
    const patch: WebhookPatch = {
      ...(url === undefined ? {} : { url: new Secret(url) }),
      ...(types === undefined ? {} : { types: wholeTypes(types) }),
      ...(streamers === undefined ? {} : { streamers: streamers.map(normalizeUniqueId) }),
      ...(labels === undefined ? {} : { labels }),
      ...(description === undefined ? {} : { description }),
      ...(enabled === undefined ? {} : { enabled }),
    };
    const webhook = await this.webhooks.change(id, patch);
    await this.record('webhook.changed', request, webhook.id, { fields: Object.keys(patch) });
    return this.view(webhook, request);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    tag: TAG,
    summary: 'Remove a webhook',
    description: 'With its deliveries, also those that wait.',
    params: ID,
    answers: { 204: { description: 'Removed.' } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async remove(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    await this.webhooks.remove(id);
    await this.record('webhook.removed', request, id);
  }

  @Post(':id/test')
  @HttpCode(200)
  @Operation({
    tag: TAG,
    summary: 'Send a test call',
    description:
      'A signed `live.started` of a streamer that does not exist, with the header `livetap-test: true`, at once and once; also when the webhook is off.',
    params: ID,
    answers: { 200: { description: 'What the destination said.', schema: webhookTestSchema } },
    problems: { ...UNKNOWN, ...KEYS },
  })
  async test(@Param('id') id: string, @Req() request: FastifyRequest): Promise<unknown> {
    const result = await this.webhooks.test(id);
    await this.record('webhook.tested', request, id, { outcome: result.outcome, status: result.status });
    return result;
  }

  @Post(':id/secret')
  @HttpCode(200)
  @Operation({
    tag: TAG,
    summary: 'Change the signing secret',
    description: 'The answer holds the new one, which is never shown again. Both sign until the old one runs out.',
    params: ID,
    body: [rotationSchema],
    bodyOptional: true,
    answers: { 200: { description: 'Changed.', schema: webhookWithSecretSchema } },
    problems: { ...UNKNOWN, ...KEYS },
  })
  async rotate(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookWithSecretDto> {
    const { previousValidForSeconds } = parse(rotationSchema, body === undefined ? {} : body);
    const { webhook, secret } = await this.webhooks.rotate(id, previousValidForSeconds * MS);
    await this.record('webhook.secretChanged', request, id);
    void reply.header('cache-control', 'no-store');
    return { ...this.view(webhook, request), secret: secret.reveal() };
  }

  @Get(':id/deliveries')
  @Operation({
    tag: TAG,
    summary: 'What became of the events',
    description: 'Newest first. `status=dead` lists the dead letters.',
    params: ID,
    query: deliveryQuerySchema,
    answers: { 200: { description: 'One page.', schema: deliveryPageSchema } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async deliveries(
    @Param('id') id: string,
    @Query() query: unknown,
  ): Promise<{ deliveries: DeliveryDto[]; nextCursor?: string }> {
    const { items, ...rest } = await this.webhooks.deliveries(id, parse(deliveryQuerySchema, query, 'query'));
    return { deliveries: items.map(deliveryView), ...rest };
  }

  @Post(':id/deliveries/:deliveryId/redeliver')
  @HttpCode(200)
  @Operation({
    tag: TAG,
    summary: 'Send an event again',
    description: 'With the same bytes and the same `webhook-id`, whatever became of it, with all attempts before it.',
    params: { ...ID, deliveryId: 'Id of the delivery.' },
    answers: { 200: { description: 'Due at once.', schema: deliverySchema } },
    problems: { 404: 'There is no such webhook or delivery.', ...DATABASE_AWAY },
  })
  async redeliver(
    @Param('id') id: string,
    @Param('deliveryId') deliveryId: string,
    @Req() request: FastifyRequest,
  ): Promise<DeliveryDto> {
    const delivery = await this.webhooks.redeliver(id, deliveryId);
    await this.record('webhook.redelivered', request, id, { deliveryId: delivery.id });
    return deliveryView(delivery);
  }

  @Post(':id/dead-letters/redeliver')
  @HttpCode(200)
  @Operation({
    tag: TAG,
    summary: 'Send all dead letters again',
    params: ID,
    answers: { 200: { description: 'Due at once.', schema: redeliveredSchema } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async redeliverDead(@Param('id') id: string, @Req() request: FastifyRequest): Promise<{ redelivered: number }> {
    const redelivered = await this.webhooks.redeliverDead(id);
    await this.record('webhook.redelivered', request, id, { deadLetters: redelivered });
    return { redelivered };
  }

  /** The address may hold tokens: only who could have set it sees it. */
  private view(webhook: Webhook, request: FastifyRequest): WebhookDto {
    const mayKnow = request.principal?.role === 'admin';
    return webhookView(webhook, mayKnow ? this.webhooks.urlOf(webhook) : undefined);
  }

  private async record(
    action: string,
    request: FastifyRequest,
    webhookId: string,
    details?: AuditDetails,
  ): Promise<void> {
    await this.audit.record(changeBy(request, action, ['webhooks', webhookId], details));
  }
}

/** Names become whole types, each once. */
function wholeTypes(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => eventType(name) ?? name))];
}
