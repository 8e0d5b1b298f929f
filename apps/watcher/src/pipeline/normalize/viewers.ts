import type { BarrageData, User } from '@livetap/contracts';
import type { WebcastBarrageMessage } from '@livetap/connector';
import { user } from './people.js';
import { enumName, imageUrl, localizedText, type Loose, nonEmpty, nonZero } from './values.js';

export function barrage(message: WebcastBarrageMessage): Loose<BarrageData> {
  return {
    user: barrageUser(message),
    kind: enumName('WebcastBarrageMessage_BarrageType', message.msgType ?? 0),
    content: localizedText(message.content),
    commonContent: localizedText(message.commonBarrageContent),
    iconUrl: imageUrl(message.icon),
    durationMs: nonZero(message.duration),
    level: nonZero(message.userGradeParam?.currentGrade ?? message.fansLevelParam?.currentGrade ?? 0),
    scene: nonEmpty(message.scene),
    subType: nonEmpty(message.subType),
  };
}

/** Which of the places for a user is filled depends on the kind of the announcement. */
function barrageUser(message: WebcastBarrageMessage): User | undefined {
  const direct = user(message.user) ?? user(message.userGradeParam?.user) ?? user(message.fansLevelParam?.user);
  if (direct !== undefined) return direct;
  for (const text of [message.content, message.commonBarrageContent]) {
    for (const piece of text?.piecesList ?? []) {
      const named = user(piece.userValue?.user);
      if (named !== undefined) return named;
    }
  }
  return undefined;
}
