import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { problemOptions } from './operation.js';
import { accessOf } from './route-access.js';
import { components } from './schemas.js';

/** What every route with a key can answer. */
const GUARDED: Readonly<Record<number, string>> = {
  401: 'No key, or one that is not known.',
  429: 'More requests with this key than it may make in a minute; Retry-After says when to go on.',
};

/** The OpenAPI 3.1 document of the running application, with the zod schemas as components. */
export function openApiDocument(app: INestApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Livetap')
    .setDescription(
      'Which streamers are watched, what was recorded, and events as they come. Every failure is application/problem+json (RFC 9457). The events themselves are described by the JSON Schemas of the contract.',
    )
    .setVersion(version)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addSecurity('key', {
      type: 'http',
      scheme: 'bearer',
      description:
        'A key of LIVETAP_API_KEYS, or one made with POST /v1/keys; each has the role read, operate or admin, and each role includes those before it. `security` of a route names the role that it needs. Not needed on loopback without keys in the settings.',
    })
    .build();
  const document = SwaggerModule.createDocument(app, config, { operationIdFactory: operationId });
  return {
    ...document,
    paths: operationsOf(guarded(document.paths), tagged),
    components: { ...document.components, schemas: componentSchemas() as never },
  };
}

/** `StreamersController.add` is `streamersAdd`: what generated clients call their functions. */
function operationId(controller: string, method: string): string {
  const subject = controller.replace(/Controller$/, '');
  return subject.charAt(0).toLowerCase() + subject.slice(1) + method.charAt(0).toUpperCase() + method.slice(1);
}

/** The document with the roles of the table, and with what keys add to the answers. */
function guarded(paths: OpenAPIObject['paths']): OpenAPIObject['paths'] {
  const answers = Object.fromEntries(
    Object.entries(GUARDED).map(([status, description]) => {
      const { status: _, ...answer } = problemOptions(Number(status), description);
      return [status, answer];
    }),
  );
  const withRole = (path: string, method: string, operation: Operation): Operation => {
    const access = accessOf(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'));
    if (access === undefined || access === 'open') return operation;
    return { ...operation, security: [{ key: [access] }], responses: { ...operation.responses, ...answers } as never };
  };
  return operationsOf(paths, withRole);
}

/** What is read as JSON can be asked for with the tag of an earlier answer (see entity-tags.ts). */
function tagged(path: string, method: string, operation: Operation): Operation {
  const answer = operation.responses?.[200];
  if (method !== 'get' || answer === undefined || !('content' in answer)) return operation;
  const media = Object.keys(answer.content ?? {});
  const kept = answer.headers !== undefined && 'Cache-Control' in answer.headers;
  if (kept || media.length !== 1 || media[0] !== 'application/json') return operation;
  const etag = { ETag: { description: 'Of this answer, for If-None-Match.', schema: { type: 'string' as const } } };
  return {
    ...operation,
    parameters: [
      ...(operation.parameters ?? []),
      {
        name: 'If-None-Match',
        in: 'header',
        required: false,
        description: 'The ETag of an answer that the client has: 304 when it still holds.',
        schema: { type: 'string' },
      },
    ],
    responses: {
      ...operation.responses,
      200: { ...answer, headers: { ...answer.headers, ...etag } },
      304: { description: 'The answer that the client has still holds.', headers: etag },
    },
  };
}

/** The document's paths with each operation changed. */
function operationsOf(
  paths: OpenAPIObject['paths'],
  change: (path: string, method: string, operation: Operation) => Operation,
): OpenAPIObject['paths'] {
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [method, change(path, method, operation as Operation)]),
      ),
    ]),
  );
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

function componentSchemas(): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(components, {
    io: 'input',
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}
