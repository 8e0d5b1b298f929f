import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { SESSION_SORTS, STREAMER_MEASURES as PAGE_MEASURES } from '../../../console/src/api/leaderboard-types.js';
import type * as Boards from '../../../console/src/api/leaderboard-types.js';
import type * as Page from '../../../console/src/api/types.js';
import { STREAMER_STATES as PAGE_STATES } from '../../../console/src/api/types.js';
import { SESSION_ORDERS } from '../history/history.port.js';
import { STREAMER_MEASURES } from '../history/leaderboard.port.js';
import type { auditPageSchema } from './audit-schemas.js';
import type { battlePageSchema } from './battle-history-schemas.js';
import type { gapPageSchema } from './gap-history-schemas.js';
import type { gifterPageSchema, givenGiftPageSchema, streamerGifterPageSchema } from './gift-history-schemas.js';
import type { accessSchema, keyListSchema, keyWithSecretSchema, newKeySchema } from './key-schemas.js';
import type { labelDefaultsListSchema } from './label-default-schemas.js';
import type { gifterBoardSchema, streamerBoardSchema } from './leaderboard-schemas.js';
import type { proxyPoolListSchema } from './proxy-pool-schemas.js';
import {
  STREAMER_STATES,
  type bulkAnswerSchema,
  type sessionPageSchema,
  type snapshotPageSchema,
  type streamerPageSchema,
  type streamerSettingsSchema,
} from './schemas.js';
import type { SourcesDto } from './sources.js';
import type { StatusDto } from './status.js';
import type {
  deliveryPageSchema,
  newWebhookSchema,
  webhookChangesSchema,
  webhookPageSchema,
  webhookTestSchema,
  webhookWithSecretSchema,
} from './webhook-schemas.js';

/** A value as it arrives: what is undefined is not in JSON. */
type Sent<T> = T extends readonly (infer Item)[]
  ? Sent<Item>[]
  : T extends object
    ? { [K in keyof T]: Sent<Exclude<T[K], undefined>> }
    : T;
type Answer<Schema extends z.ZodType> = Sent<z.output<Schema>>;
/** Compiles only when the page can take what the service answers. */
type Fits<Given extends Wanted, Wanted> = [Given, Wanted];

/** One line for each answer that the page reads and each body that it sends; a drift is an error of `npm run typecheck`. */
export type Checked = [
  Fits<Answer<typeof streamerPageSchema>, Page.StreamerPage>,
  Fits<Answer<typeof bulkAnswerSchema>, Page.NewStreamersAnswer>,
  Fits<Sent<StatusDto>, Page.Status>,
  Fits<Sent<SourcesDto>, Page.Sources>,
  Fits<Answer<typeof sessionPageSchema>, Page.SessionPage>,
  Fits<Answer<typeof snapshotPageSchema>, Page.SnapshotPage>,
  Fits<Answer<typeof gifterPageSchema>, Page.GifterPage>,
  Fits<Answer<typeof streamerGifterPageSchema>, Page.GifterPage>,
  Fits<Answer<typeof givenGiftPageSchema>, Page.GivenGiftPage>,
  Fits<Answer<typeof battlePageSchema>, Page.BattlePage>,
  Fits<Answer<typeof gapPageSchema>, Page.GapPage>,
  Fits<Answer<typeof streamerBoardSchema>, Boards.StreamerBoard>,
  Fits<Answer<typeof gifterBoardSchema>, Boards.GifterBoard>,
  Fits<Answer<typeof webhookPageSchema>, Page.WebhookPage>,
  Fits<Answer<typeof webhookWithSecretSchema>, Page.WebhookWithSecret>,
  Fits<Answer<typeof webhookTestSchema>, Page.WebhookTest>,
  Fits<Answer<typeof deliveryPageSchema>, Page.DeliveryPage>,
  Fits<Answer<typeof proxyPoolListSchema>, Page.ProxyPoolList>,
  Fits<Answer<typeof labelDefaultsListSchema>, Page.LabelDefaultsList>,
  Fits<Answer<typeof keyListSchema>, Page.KeyList>,
  Fits<Answer<typeof keyWithSecretSchema>, Page.KeyWithSecret>,
  Fits<Answer<typeof accessSchema>, Page.Access>,
  Fits<Answer<typeof auditPageSchema>, Page.AuditPage>,
  Fits<Page.NewKey, z.input<typeof newKeySchema>>,
  Fits<Page.StreamerChange, z.input<typeof streamerSettingsSchema>>,
  Fits<Page.NewWebhook, z.input<typeof newWebhookSchema>>,
  Fits<Partial<Page.NewWebhook>, z.input<typeof webhookChangesSchema>>,
];

describe('what the page knows of the service', () => {
  it('names each state of streamers', () => {
    expect([...PAGE_STATES].sort()).toEqual([...STREAMER_STATES].sort());
  });

  it('names each measure of leaderboards and each order of sessions', () => {
    expect(Object.keys(PAGE_MEASURES).sort()).toEqual([...STREAMER_MEASURES].sort());
    expect(Object.keys(SESSION_SORTS).sort()).toEqual([...SESSION_ORDERS].sort());
  });
});
