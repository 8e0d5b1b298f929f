import type { Provider } from '@nestjs/common';
import { Database } from './persistence/database.js';

/** Binds a port to the class that serves it from the database and needs nothing else. */
export function databaseProvider<Port>(port: symbol, Implementation: new (database: Database) => Port): Provider {
  return { provide: port, inject: [Database], useFactory: (database: Database) => new Implementation(database) };
}
