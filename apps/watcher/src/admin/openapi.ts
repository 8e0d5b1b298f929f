import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { components } from './schemas.js';

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
        'A key of LIVETAP_API_KEYS with the role read, operate or admin. Not needed on loopback without keys.',
    })
    .build();
  const document = SwaggerModule.createDocument(app, config);
  return { ...document, components: { ...document.components, schemas: componentSchemas() as never } };
}

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
