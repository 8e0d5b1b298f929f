import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { serveDocs } from './docs-page.adapter.js';
import { openApiDocument } from './openapi.js';
import { servePage } from './page.adapter.js';
import type { ProblemFilter } from './problem.filter.js';

export interface HttpAppOptions {
  readonly problems: ProblemFilter;
  readonly version: string;
  /** Folder of the built page; the place beside this application by default. */
  readonly pageFolder?: string;
}

/** What the application serves beside its controllers. Call before `init`. */
export function setUpHttpApp(app: NestFastifyApplication, options: HttpAppOptions): void {
  app.useGlobalFilters(options.problems);
  const instance = app.getHttpAdapter().getInstance();
  serveDocs(instance, () => openApiDocument(app, options.version));
  servePage(instance, options.pageFolder);
}
