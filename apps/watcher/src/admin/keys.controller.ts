import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiKeyService, type IssuedApiKey } from '../access/api-key-service.js';
import { LOCAL } from '../access/principal.js';
import type { StoredApiKey } from '../access/stored-api-key.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { changeBy } from './change-by.js';
import {
  keyChangesSchema,
  keyListSchema,
  keyRotationSchema,
  keySchema,
  keyWithSecretSchema,
  newKeySchema,
  type KeyDto,
  type KeyWithSecretDto,
} from './key-schemas.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { parse } from './validate.js';

const TAG = 'Keys';
const ID = { id: 'Id of the key.' };
const UNKNOWN = { 404: 'There is no such key.' };
const MS = 1_000;

/** Keys beside those of the settings. Their secrets are shown once, by the answer that makes them. */
@Controller('v1/keys')
export class KeysController {
  constructor(
    @Inject(ApiKeyService) private readonly keys: ApiKeyService,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  @Post()
  @Operation({
    tag: TAG,
    summary: 'Make a key',
    description:
      'The answer holds its secret, which is never shown again. It counts here at once, at other replicas within 5 seconds.',
    body: [newKeySchema],
    answers: {
      201: { description: 'Made.', schema: keyWithSecretSchema, headers: { Location: 'Address of the key.' } },
    },
    problems: { 409: 'The name is taken, or there are as many as may be.', ...DATABASE_AWAY },
  })
  async create(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<KeyWithSecretDto> {
    const { name, role, requestsPerMinute, expiresAt } = parse(newKeySchema, body);
    const issued = await this.keys.create(
      {
        name,
        role,
        ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
        ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
      },
      request.principal?.name ?? LOCAL.name,
    );
    await this.audit.record(changeBy(request, 'key.created', ['keys', issued.key.id], { name, role }));
    void reply.header('location', `/v1/keys/${issued.key.id}`);
    return withSecret(issued, reply);
  }

  @Get()
  @Operation({
    tag: TAG,
    summary: 'List keys',
    answers: { 200: { description: 'All of them.', schema: keyListSchema } },
    problems: DATABASE_AWAY,
  })
  async list(): Promise<unknown> {
    const settingsKeys = this.keys.settingsKeys.map(({ name, role }) => ({ name, role }));
    return { keys: (await this.keys.all()).map(view), settingsKeys };
  }

  @Get(':id')
  @Operation({
    tag: TAG,
    summary: 'Look a key up',
    params: ID,
    answers: { 200: { description: 'The key, without its secret.', schema: keySchema } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async get(@Param('id') id: string): Promise<KeyDto> {
    return view(await this.keys.get(id));
  }

  @Patch(':id')
  @Operation({
    tag: TAG,
    summary: 'Change a key',
    description: 'Its secret stays.',
    params: ID,
    body: [keyChangesSchema],
    answers: { 200: { description: 'The key as it is now.', schema: keySchema } },
    problems: { ...UNKNOWN, 409: 'The name is taken.', ...DATABASE_AWAY },
  })
  async change(@Param('id') id: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<KeyDto> {
    const { name, role, requestsPerMinute, expiresAt } = parse(keyChangesSchema, body);
    const changes = {
      ...(name === undefined ? {} : { name }),
      ...(role === undefined ? {} : { role }),
      ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt === null ? null : new Date(expiresAt) }),
    };
    const key = await this.keys.change(id, changes);
    const details = { name: key.name, role: key.role, fields: Object.keys(changes) };
    await this.audit.record(changeBy(request, 'key.changed', ['keys', key.id], details));
    return view(key);
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Operation({
    tag: TAG,
    summary: 'Change the secret of a key',
    description: 'The answer holds the new one, which is never shown again. Both count until the old one runs out.',
    params: ID,
    body: [keyRotationSchema],
    bodyOptional: true,
    answers: { 200: { description: 'Changed.', schema: keyWithSecretSchema } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async rotate(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<KeyWithSecretDto> {
    const { previousValidForSeconds } = parse(keyRotationSchema, body === undefined ? {} : body);
    const issued = await this.keys.rotate(id, previousValidForSeconds * MS);
    const details = { name: issued.key.name, previousValidForSeconds };
    await this.audit.record(changeBy(request, 'key.rotated', ['keys', issued.key.id], details));
    return withSecret(issued, reply);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    tag: TAG,
    summary: 'Revoke a key',
    description: 'It is refused here at once, at other replicas within 5 seconds; open live tails of it go on.',
    params: ID,
    answers: { 204: { description: 'Revoked.' } },
    problems: { ...UNKNOWN, ...DATABASE_AWAY },
  })
  async revoke(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    const key = await this.keys.revoke(id);
    const details = { name: key.name, role: key.role };
    await this.audit.record(changeBy(request, 'key.revoked', ['keys', key.id], details));
  }
}

function withSecret({ key, secret }: IssuedApiKey, reply: FastifyReply): KeyWithSecretDto {
  void reply.header('cache-control', 'no-store');
  return { ...view(key), secret: secret.reveal() };
}

function view(key: StoredApiKey): KeyDto {
  const { id, name, role, prefix, requestsPerMinute, expiresAt, previous, createdBy, lastUsedAt } = key;
  return {
    id,
    name,
    role,
    prefix,
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
    ...(previous === undefined ? {} : { previousValidUntil: previous.validUntil.toISOString() }),
    createdBy,
    createdAt: key.createdAt.toISOString(),
    updatedAt: key.updatedAt.toISOString(),
    ...(lastUsedAt === undefined ? {} : { lastUsedAt: lastUsedAt.toISOString() }),
  };
}
