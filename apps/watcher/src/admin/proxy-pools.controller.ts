import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditDetails } from '../audit/audit-entry.js';
import { AuditTrail } from '../audit/audit-trail.js';
import type { ProxyHealthReport } from '../streamers/proxies/proxy-health.js';
import { ProxyPoolService, type ProxyPoolView } from '../streamers/proxies/proxy-pool-service.js';
import { isSealed } from '../streamers/streamer-vault.js';
import { changeBy } from './change-by.js';
import { DATABASE_AWAY, NO_KEY_TO_ENCRYPT, Operation } from './operation.js';
import {
  newProxiesSchema,
  newProxyPoolSchema,
  proxyPoolChangesSchema,
  proxyPoolListSchema,
  proxyPoolSchema,
  type ProxyPoolDto,
} from './proxy-pool-schemas.js';
import { parse } from './validate.js';

const TAG = 'Proxy pools';
const NAME = { name: 'Name of the pool.' };
const UNKNOWN = { 404: 'There is no such pool.' };

/** Proxies that streamers share by naming the pool (`proxyPool`). Changing anything needs the role admin. */
@Controller('v1/proxy-pools')
export class ProxyPoolsController {
  constructor(
    @Inject(ProxyPoolService) private readonly pools: ProxyPoolService,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  @Post()
  @Operation({
    tag: TAG,
    summary: 'Add a proxy pool',
    body: [newProxyPoolSchema],
    answers: { 201: { description: 'Added.', schema: proxyPoolSchema, headers: { Location: 'Address of the pool.' } } },
    problems: {
      409: 'The name is taken, a proxy is there twice, or there are as many as may be.',
      ...NO_KEY_TO_ENCRYPT,
    },
  })
  async add(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProxyPoolDto> {
    const { name, description, proxies } = parse(newProxyPoolSchema, body);
    const pool = await this.pools.add(name, description ?? '', proxies ?? []);
    await this.record('proxyPool.added', request, [name], { proxies: proxies?.length ?? 0 });
    void reply.header('location', `/v1/proxy-pools/${name}`);
    return view(pool);
  }

  @Get()
  @Operation({
    tag: TAG,
    summary: 'List proxy pools',
    description: 'With the health of each proxy as this replica finds it.',
    answers: { 200: { description: 'All of them, by name.', schema: proxyPoolListSchema } },
    problems: DATABASE_AWAY,
  })
  async list(): Promise<{ proxyPools: ProxyPoolDto[] }> {
    return { proxyPools: (await this.pools.all()).map(view) };
  }

  @Get(':name')
  @Operation({
    tag: TAG,
    summary: 'Look a proxy pool up',
    description: 'With the health of each proxy as this replica finds it.',
    params: NAME,
    answers: { 200: { description: 'The pool.', schema: proxyPoolSchema } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async get(@Param('name') name: string): Promise<ProxyPoolDto> {
    return view(await this.pools.get(name));
  }

  @Patch(':name')
  @Operation({
    tag: TAG,
    summary: 'Change the description of a proxy pool',
    params: NAME,
    body: [proxyPoolChangesSchema],
    answers: { 200: { description: 'The pool as it is now.', schema: proxyPoolSchema } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async change(
    @Param('name') name: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<ProxyPoolDto> {
    const pool = await this.pools.describe(name, parse(proxyPoolChangesSchema, body).description);
    await this.record('proxyPool.changed', request, [name], { fields: ['description'] });
    return view(pool);
  }

  @Delete(':name')
  @HttpCode(204)
  @Operation({
    tag: TAG,
    summary: 'Remove a proxy pool',
    description: 'Only one that no streamer and no label names: without it they could not be reached.',
    params: NAME,
    answers: { 204: { description: 'Removed.' } },
    problems: { ...UNKNOWN, 409: 'Streamers or labels name it.', ...DATABASE_AWAY },
  })
  async remove(@Param('name') name: string, @Req() request: FastifyRequest): Promise<void> {
    await this.pools.remove(name);
    await this.record('proxyPool.removed', request, [name]);
  }

  @Post(':name/proxies')
  @HttpCode(200)
  @Operation({
    tag: TAG,
    summary: 'Add proxies to a pool',
    params: NAME,
    body: [newProxiesSchema],
    answers: { 200: { description: 'The pool as it is now.', schema: proxyPoolSchema } },
    problems: { ...UNKNOWN, 409: 'A proxy is there already, or there are as many as may be.', ...NO_KEY_TO_ENCRYPT },
  })
  async addProxies(
    @Param('name') name: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<ProxyPoolDto> {
    const { proxies } = parse(newProxiesSchema, body);
    const pool = await this.pools.addProxies(name, proxies);
    await this.record('proxyPool.proxiesAdded', request, [name], { proxies: proxies.length });
    return view(pool);
  }

  @Delete(':name/proxies/:id')
  @HttpCode(204)
  @Operation({
    tag: TAG,
    summary: 'Remove a proxy from its pool',
    description: 'Open sockets through it stay; streamers move to another proxy from the next one on.',
    params: { ...NAME, id: 'Id of the proxy.' },
    answers: { 204: { description: 'Removed.' } },
    problems: { 404: 'There is no such pool or proxy.', ...DATABASE_AWAY },
  })
  async removeProxy(
    @Param('name') name: string,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    await this.pools.removeProxy(name, id);
    await this.record('proxyPool.proxyRemoved', request, [name, 'proxies', id]);
  }

  private async record(
    action: string,
    request: FastifyRequest,
    address: readonly string[],
    details?: AuditDetails,
  ): Promise<void> {
    await this.audit.record(changeBy(request, action, ['proxy-pools', ...address], details));
  }
}

function view({ pool, health }: ProxyPoolView): ProxyPoolDto {
  const { name, description, proxies, createdAt, updatedAt } = pool;
  return {
    name,
    description,
    healthy: [...health.values()].filter(({ state }) => state === 'healthy').length,
    proxies: proxies.map(({ id, address, url, createdAt: at }) => ({
      id,
      address: isSealed(url) ? address.replace('://', '://***@') : address,
      createdAt: at.toISOString(),
      health: healthView(health.get(id)),
    })),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

function healthView(report: ProxyHealthReport | undefined): ProxyPoolDto['proxies'][number]['health'] {
  if (report === undefined) return { state: 'unreadable' };
  const { lastFailureAt, lastAnswerAt, retryAt, ...rest } = report;
  return {
    ...rest,
    ...(lastFailureAt === undefined ? {} : { lastFailureAt: new Date(lastFailureAt).toISOString() }),
    ...(lastAnswerAt === undefined ? {} : { lastAnswerAt: new Date(lastAnswerAt).toISOString() }),
    ...(retryAt === undefined ? {} : { retryAt: new Date(retryAt).toISOString() }),
  };
}
