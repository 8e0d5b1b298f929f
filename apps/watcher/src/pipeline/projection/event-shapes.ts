import type {
  CaptionMessageData,
  ChatData,
  ControlMessageData,
  EmoteData,
  EnvelopeData,
  EventName,
  FollowData,
  LikeData,
  LiveIntroData,
  MemberData,
  QuestionNewData,
  RankTextData,
  RankUpdateData,
  RoomMessageData,
  RoomUserData,
  ShareData,
  SocialData,
  SubNotifyData,
  SystemData,
} from '@livetap/contracts';
import {
  count,
  countIfAny,
  enumName,
  enumNameIfAny,
  flag,
  flagIfTrue,
  image,
  integer,
  integerIfAny,
  list,
  listIfAny,
  localized,
  loosePerson,
  matched,
  object,
  type ObjectShape,
  person,
  personWith,
  type Shape,
  text,
  textIfAny,
  time,
} from './shape.js';

/** Every member of the contract but `partial` has its shape, in the order in which it is written. */
type Members<Data> = { readonly [K in Exclude<keyof Data, 'partial'>]-?: Shape };

const event = <Data>(members: Members<Data>): ObjectShape => object(members);

const HEADER_TEXT = 'common.displayText';
/** The number of friends is part of the display key. */
const SHARED_WITH = /_viewer_(\d+)_share/;

const chat = event<ChatData>({
  user: personWith('userIdentity', 'user'),
  comment: text('comment'),
  language: textIfAny('contentLanguage'),
  emotes: listIfAny(
    'emotes',
    object({ id: text('emote.emoteId'), imageUrl: image('emote.image'), at: count('placeInComment') }),
  ),
  replyTo: person('atUser'),
  mentions: listIfAny('mentionUsers', 'people'),
});

const emote = event<EmoteData>({
  user: personWith('userIdentity', 'user'),
  emotes: list('emoteList', object({ id: text('emoteId'), imageUrl: image('image') })),
});

const member = event<MemberData>({
  user: person('user'),
  action: enumName('action'),
  memberCount: count('memberCount'),
  operator: person('operator'),
  enterSource: textIfAny('clientEnterSource'),
  enterType: textIfAny('clientEnterType'),
  text: localized(HEADER_TEXT),
});

/** Like `total`, which is the highest that the room said so far: folded by the pipeline. */
const like = event<Omit<LikeData, 'total'>>({ user: person('user'), count: count('likeCount') });

const social = event<SocialData>({
  user: person('user'),
  action: integer('action'),
  shareType: integerIfAny('shareType'),
  shareTarget: textIfAny('shareTarget'),
  followCount: countIfAny('followCount'),
  shareCount: countIfAny('shareCount'),
  text: localized(HEADER_TEXT),
});

const follow = event<FollowData>({
  user: person('user'),
  followCount: countIfAny('followCount'),
  text: localized(HEADER_TEXT),
});

const share = event<ShareData>({
  user: person('user'),
  shareType: integerIfAny('shareType'),
  shareTarget: textIfAny('shareTarget'),
  shareCount: countIfAny('shareCount'),
  friends: matched(`${HEADER_TEXT}.displayType`, SHARED_WITH),
  text: localized(HEADER_TEXT),
});

const questionNew = event<QuestionNewData>({
  user: person('details.user'),
  question: object({
    id: integer('details.questionId'),
    text: text('details.questionText'),
    createdAt: time('details.createTime'),
  }),
});

const subNotify = event<SubNotifyData>({
  user: person('user'),
  months: count('subMonth'),
  subscribeType: enumName('subscribeType'),
  previous: enumName('oldSubscribeStatus'),
  messageType: enumName('messageType'),
  status: enumNameIfAny('subscribingStatus'),
  giftSource: enumNameIfAny('giftSource'),
  packageId: textIfAny('packageId'),
});

const roomUser = event<RoomUserData>({
  viewers: count('viewerCount'),
  totalViewers: countIfAny('totalUser'),
  popularity: countIfAny('popularity'),
  anonymous: countIfAny('anonymous'),
  topGifters: list('ranksList', object({ user: person('user'), rank: count('rank'), diamonds: count('coinCount') })),
});

const captionMessage = event<CaptionMessageData>({
  captions: list('content', object({ language: text('lang'), text: text('content') })),
  startedAt: time('timestampMs'),
  durationMs: countIfAny('durationMs'),
  sentenceId: integerIfAny('sentenceId'),
  sequenceId: integerIfAny('sequenceId'),
  final: flag('definite'),
});

const liveIntro = event<LiveIntroData>({
  description: text('description'),
  host: person('host'),
  language: textIfAny('language'),
  auditStatus: enumNameIfAny('auditStatus'),
});

const roomMessage = event<RoomMessageData>({
  content: text('content'),
  source: integerIfAny('source'),
  scene: textIfAny('scene'),
  subScene: textIfAny('subScene'),
  isWelcome: flagIfTrue('isWelcome'),
  showDurationMs: countIfAny('showDurationMs'),
  text: localized(HEADER_TEXT),
  iconUrl: image('icon'),
});

const controlMessage = event<ControlMessageData>({
  action: enumName('action'),
  tips: textIfAny('tips'),
  notice: localized('floatText', 'perceptionAudienceText'),
});

const system = event<SystemData>({ message: text('message') });

const rankUpdate = event<RankUpdateData>({
  updates: list(
    'updatesList',
    object({
      rankType: enumName('rankType'),
      rank: count('ownerRank'),
      score: countIfAny('currentScore'),
      countdownSeconds: countIfAny('countdown'),
      text: localized('defaultContent'),
    }),
  ),
  group: enumNameIfAny('groupType'),
});

const rankText = event<RankTextData>({
  scene: enumName('scene'),
  before: count('ownerIdxBeforeUpdate'),
  after: count('ownerIdxAfterUpdate'),
  userId: integerIfAny('curUserId'),
  rankType: enumNameIfAny('rankType'),
  content: localized('content'),
  selfText: localized('selfGetBadgeMsg'),
  othersText: localized('otherGetBadgeMsg'),
  iconUrl: image('leftIcon'),
});

const envelope = event<EnvelopeData>({
  id: text('envelopeInfo.envelopeId'),
  businessType: enumName('envelopeInfo.businessType'),
  display: enumName('display'),
  sender: loosePerson({
    id: 'envelopeInfo.sendUserId',
    nickname: 'envelopeInfo.sendUserName',
    avatar: 'envelopeInfo.sendUserAvatar',
  }),
  diamonds: count('envelopeInfo.diamondCount'),
  people: count('envelopeInfo.peopleCount'),
  opensAt: time('envelopeInfo.unpackAt'),
  text: localized(HEADER_TEXT),
});

/** What events with data of their own show of their message, where a shape can say it. */
export const EVENT_SHAPES: ReadonlyMap<EventName, ObjectShape> = new Map<EventName, ObjectShape>([
  ['captionMessage', captionMessage],
  ['chat', chat],
  ['controlMessage', controlMessage],
  ['emote', emote],
  ['envelope', envelope],
  ['follow', follow],
  ['like', like],
  ['liveIntro', liveIntro],
  ['member', member],
  ['questionNew', questionNew],
  ['rankText', rankText],
  ['rankUpdate', rankUpdate],
  ['roomMessage', roomMessage],
  ['roomUser', roomUser],
  ['share', share],
  ['social', social],
  ['streamEnd', controlMessage],
  ['subNotify', subNotify],
  ['superFanBox', envelope],
  ['system', system],
]);
