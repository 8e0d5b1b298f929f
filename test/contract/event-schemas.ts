export { compileSchemas, type EventSchemas } from '../../libs/testkit/src/contract/event-schemas.js';
