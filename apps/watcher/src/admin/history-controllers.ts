import { BattleHistoryController } from './battle-history.controller.js';
import { ExportsController } from './exports.controller.js';
import { GapHistoryController } from './gap-history.controller.js';
import { GiftHistoryController } from './gift-history.controller.js';
import { LeaderboardsController } from './leaderboards.controller.js';
import { HistoryController } from './history.controller.js';
import { ViewersController } from './viewers.controller.js';

/** The routes about what was recorded. */
export const HISTORY_CONTROLLERS = [
  HistoryController,
  GiftHistoryController,
  BattleHistoryController,
  GapHistoryController,
  LeaderboardsController,
  ExportsController,
  ViewersController,
];
