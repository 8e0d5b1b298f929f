import type { FastifyInstance } from 'fastify';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { serveFiles } from './static-files.adapter.js';

const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'favicon-16x16.png'];

/** Nothing inline, so that the strict content security policy holds here as well. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Livetap API</title>
    <link rel="icon" type="image/png" sizes="32x32" href="/docs/assets/favicon-32x32.png">
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
    <script src="/docs/init.js"></script>
  </body>
</html>
`;

const INIT = `window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
`;

/**
 * `/openapi.json`, and `/docs`: Swagger UI with that document. All files come from here.
 * @param document made on the first request, when all routes are known
 */
export function serveDocs(instance: FastifyInstance, document: () => unknown): void {
  let text: string | undefined;
  instance.get('/openapi.json', async (_request, reply) => {
    text ??= JSON.stringify(document());
    return reply.type('application/json; charset=utf-8').send(text);
  });
  instance.get('/docs', async (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  instance.get('/docs/', async (_request, reply) => reply.redirect('/docs', 308));
  instance.get('/docs/init.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(INIT));
  const folder = swaggerUiFolder();
  serveFiles(
    instance,
    ASSETS.map((name) => ({ url: `/docs/assets/${name}`, path: join(folder, name), cacheControl: 'max-age=86400' })),
  );
}

/** Where @nestjs/swagger has its copy of Swagger UI. */
function swaggerUiFolder(): string {
  const swagger = createRequire(createRequire(import.meta.url).resolve('@nestjs/swagger'));
  return dirname(swagger.resolve('swagger-ui-dist/package.json'));
}
