import type { GoalStep, GoalUpdateData, PollMessageData, PollOption, RoomPinData } from '@livetap/contracts';
import type {
  LiveStreamGoal,
  LiveStreamGoal_LiveStreamSubGoal,
  PollOptionInfo,
  WebcastGoalUpdateMessage,
  WebcastPollMessage,
  WebcastRoomPinMessage,
} from '@livetap/connector';
import { giftParts, giftRef } from './gifts.js';
import { personFrom, user } from './people.js';
import {
  count,
  enumName,
  imageUrl,
  type Loose,
  nonEmpty,
  nonZero,
  nonZeroEnum,
  nonZeroId,
  price,
  wireTimestamp,
} from './values.js';

export function goalUpdate(message: WebcastGoalUpdateMessage): Loose<GoalUpdateData> {
  return {
    goal: goal(message.goal),
    contributor: personFrom({
      id: message.contributorId,
      idText: message.contributorIdStr,
      uniqueId: message.contributorDisplayId,
      avatar: message.contributorAvatar,
    }),
    contributeCount: count(message.contributeCount),
    contributeScore: count(message.contributeScore),
    giftRepeatCount: nonZero(message.giftRepeatCount),
    updateSource: nonZeroEnum('GoalMessageSource', message.updateSource),
    pinned: message.pin ? true : message.unpin ? false : undefined,
  };
}

function goal(wire: LiveStreamGoal | undefined): Loose<GoalUpdateData>['goal'] {
  if (wire === undefined) return undefined;
  return {
    id: nonZeroId(wire.id) ?? nonZeroId(wire.idStr) ?? '0',
    type: wire.type,
    status: wire.status,
    description: nonEmpty(wire.description),
    startedAt: wireTimestamp(wire.startTime),
    expiresAt: wireTimestamp(wire.expireTime),
    steps: wire.subGoals.map(goalStep),
  };
}

function goalStep(step: LiveStreamGoal_LiveStreamSubGoal): Loose<GoalStep> {
  const id = nonZeroId(step.id) ?? nonZeroId(step.idStr) ?? '0';
  return {
    id,
    type: step.type,
    progress: count(step.progress),
    target: count(step.target),
    // The id of such a step is the id of its gift.
    gift:
      step.gift === undefined
        ? undefined
        : {
            id,
            name: nonEmpty(step.gift.name),
            diamondsEach: price(step.gift.diamondCount),
            imageUrl: imageUrl(step.gift.icon),
          },
  };
}

export function pollMessage(message: WebcastPollMessage): Loose<PollMessageData> {
  const { startContent: start, updateContent: update, endContent: end, pollBasicInfo: basic } = message;
  const options = (end ?? update ?? start)?.OptionList ?? [];
  return {
    pollId: message.pollId,
    kind: enumName('PollKind', message.pollKind),
    phase: end !== undefined ? 'end' : update !== undefined ? 'update' : start !== undefined ? 'start' : 'other',
    title: nonEmpty(start?.Title ?? '') ?? nonEmpty(basic?.title ?? ''),
    startsAt: wireTimestamp(start?.StartTime ?? 0),
    endsAt: wireTimestamp(start?.EndTime ?? 0),
    options: options.map(pollOption),
    operator: user(start?.Operator) ?? user(update?.operator) ?? user(end?.Operator),
  };
}

function pollOption(option: PollOptionInfo): PollOption {
  return { index: option.OptionIdx, text: option.DisplayContent, votes: count(option.Votes) };
}

export function roomPin(message: WebcastRoomPinMessage): Loose<RoomPinData> {
  const pinned =
    message.chatMessage ?? message.giftMessage ?? message.socialMessage ?? message.memberMessage ?? message.likeMessage;
  return {
    pinId: nonZeroId(message.pinId),
    action: enumName('PinMessageActionType', message.action),
    method: nonEmpty(message.method),
    pinnedAt: wireTimestamp(message.pinTime),
    displaySeconds: nonZero(message.displayDuration),
    operator: user(message.operator),
    author: user(pinned?.user),
    messageId: nonZeroId(pinned?.common?.msgId ?? '0'),
    comment: nonEmpty(message.chatMessage?.comment ?? ''),
    gift:
      message.giftMessage === undefined
        ? undefined
        : giftRef(giftParts(message.giftMessage, undefined).gift.id, message.giftMessage.giftDetails),
  };
}
