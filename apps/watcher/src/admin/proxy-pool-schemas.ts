import { z } from 'zod';
import { PROXY_FAILURES, PROXY_STATES } from '../streamers/proxies/proxy-health.js';
import { MAX_POOL_PROXIES } from '../streamers/proxies/proxy-pool.js';
import { component, count, timestamp } from './schemas.js';
import { POOL_NAME, proxyAddress } from './setting-schemas.js';

/** The bodies and answers of /v1/proxy-pools. */

const description = z.string().max(500).describe('For people.');
const urls = z
  .array(proxyAddress)
  .max(MAX_POOL_PROXIES)
  .describe(
    'Addresses, http://, https:// or socks5://, with user and password if need be: those are stored encrypted and never shown.',
  );

export const poolNameSchema = z.string().regex(POOL_NAME, 'must be 1 to 64 of a–z, 0–9, ".", "_" and "-"');

export const newProxyPoolSchema = component(
  'NewProxyPool',
  z.strictObject({ name: poolNameSchema, description: description.optional(), proxies: urls.optional() }),
);
export const proxyPoolChangesSchema = component('ProxyPoolChanges', z.strictObject({ description }));
export const newProxiesSchema = component('NewProxies', z.strictObject({ proxies: urls.min(1) }));

const healthSchema = component(
  'ProxyHealth',
  z.object({
    state: z
      .enum([...PROXY_STATES, 'unreadable'])
      .describe(
        '`resting`: not used after failures. `probing`: one attempt decides. `unreadable`: it cannot be decrypted.',
      ),
    failures: count.describe('In a row.').optional(),
    lastFailure: z.enum(PROXY_FAILURES).optional(),
    lastFailureAt: timestamp.optional(),
    lastAnswerAt: timestamp.optional(),
    retryAt: timestamp.describe('When it is tried again.').optional(),
  }),
);

export const proxyPoolSchema = component(
  'ProxyPool',
  z.object({
    name: z.string(),
    description,
    healthy: count.describe('Proxies that are healthy, as this replica finds them.'),
    proxies: z.array(
      z.object({
        id: z.string(),
        address: z.string().describe('Scheme, host and port; *** stands for user and password.'),
        createdAt: timestamp,
        health: healthSchema,
      }),
    ),
    createdAt: timestamp,
    updatedAt: timestamp,
  }),
);
export type ProxyPoolDto = z.output<typeof proxyPoolSchema>;

export const proxyPoolListSchema = component('ProxyPoolList', z.object({ proxyPools: z.array(proxyPoolSchema) }));
