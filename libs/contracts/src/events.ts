import type { TopicSubject } from './topics.js';

export interface EventDescription {
  readonly name: EventName;
  /** CloudEvents type: `livetap.<name>.v1`. */
  readonly type: string;
  readonly topic: TopicSubject;
  /** Newest revision of the schema: `urn:livetap:schema:<name>:1.<revision>`. */
  readonly dataschema: string;
  /** `wire`: made of exactly one message of TikTok. `own`: Livetap's. */
  readonly origin: 'wire' | 'own';
  /** `made`: a shape of its own. `generic`: the wire's fields under the generic rule of the contract. */
  readonly shape: 'made' | 'generic';
  readonly description: string;
}

type Row = readonly [topic: TopicSubject, shape: 'made' | 'generic', description: string];

/** Events made of one message each, by the name that the library gives them. */
const WIRE = {
  chat: ['chat', 'made', 'A viewer wrote a comment.'],
  gift: ['gift', 'made', 'A viewer sent a gift, or a gift streak went on.'],
  member: ['member', 'made', 'A viewer entered the room.'],
  like: ['like', 'made', 'A viewer tapped likes (a sample: the total is exact, the parts are not).'],
  social: ['social', 'made', 'A social action that is neither a follow nor a share.'],
  envelope: ['gift', 'made', 'A treasure box appeared or was hidden.'],
  questionNew: ['chat', 'made', 'A viewer asked a question.'],
  linkMicBattle: ['battle', 'made', 'A battle was invited to, began, or ended.'],
  linkMicArmies: ['battle', 'made', 'The scores of a battle changed.'],
  liveIntro: ['room', 'made', 'The introduction text of the stream.'],
  superFan: ['social', 'made', 'A viewer became a super fan.'],
  superFanJoin: ['social', 'made', 'A super fan entered the room.'],
  follow: ['social', 'made', 'A viewer followed the streamer.'],
  share: ['social', 'made', 'A viewer shared the stream.'],
  streamEnd: ['lifecycle', 'made', 'TikTok says that the stream ended or was suspended.'],
  roomUser: ['room', 'made', 'Number of viewers and the top gifters.'],
  emote: ['chat', 'made', 'A subscriber sent emotes.'],
  goalUpdate: ['room', 'made', 'Progress of a goal of the stream.'],
  roomMessage: ['room', 'made', 'A text of the room, for example the welcome.'],
  captionMessage: ['room', 'made', 'Automatic captions.'],
  imDelete: ['moderation', 'made', 'Messages were deleted, of single ids or of whole users.'],
  inRoomBanner: ['room', 'made', 'Banners in the room.'],
  rankUpdate: ['rank', 'made', 'The ranks of the streamer.'],
  pollMessage: ['room', 'made', 'A poll began, went on, or ended.'],
  rankText: ['rank', 'made', 'A change of rank, in words.'],
  linkMicBattlePunishFinish: ['battle', 'generic', 'The penalty phase of a battle ended.'],
  linkMicBattleTask: ['battle', 'generic', 'A task within a battle.'],
  linkMicFanTicketMethod: ['battle', 'generic', 'Fan tickets of linked guests.'],
  linkMicMethod: ['battle', 'generic', 'Signals of linked microphones.'],
  unauthorizedMember: ['member', 'generic', 'A viewer without an account entered.'],
  oecLiveShopping: ['commerce', 'generic', 'A product was shown.'],
  msgDetect: ['room', 'generic', 'A check of the message path by the platform.'],
  linkMessage: ['battle', 'generic', 'Signals between linked rooms.'],
  roomVerify: ['moderation', 'generic', 'A review of the room by the platform.'],
  linkLayer: ['battle', 'generic', 'Signals of the layer that links rooms.'],
  roomPin: ['room', 'made', 'A message was pinned or unpinned.'],
  superFanBox: ['gift', 'made', 'A super fan box appeared.'],
  accessControl: ['moderation', 'generic', 'A check before something is allowed.'],
  accessRecall: ['moderation', 'generic', 'A permission was taken back.'],
  boostCard: ['commerce', 'generic', 'A boost card was used.'],
  bottomMessage: ['room', 'generic', 'A notice at the bottom of the screen.'],
  capsule: ['room', 'generic', 'A suggestion shown as a capsule.'],
  gameRankNotify: ['rank', 'generic', 'A rank in a game.'],
  giftBroadcast: ['gift', 'generic', 'A large gift, announced.'],
  giftDynamicRestriction: ['gift', 'generic', 'A restriction of gifts.'],
  giftPanelUpdate: ['gift', 'generic', 'The gift panel changed.'],
  giftPrompt: ['gift', 'generic', 'A prompt to send a gift.'],
  guide: ['room', 'generic', 'A hint for viewers.'],
  hourlyRank: ['rank', 'generic', 'The hourly rank.'],
  linkMicLayoutState: ['battle', 'generic', 'The layout of linked guests.'],
  linkState: ['battle', 'generic', 'The state of linked guests.'],
  liveGameIntro: ['commerce', 'generic', 'The game that is played.'],
  marqueeAnnouncement: ['room', 'generic', 'A running announcement.'],
  notice: ['room', 'generic', 'A notice of the platform.'],
  partnershipDropsUpdate: ['commerce', 'generic', 'Drops of a partnership.'],
  partnershipGameOffline: ['commerce', 'generic', 'A partner game went offline.'],
  partnershipPunish: ['moderation', 'generic', 'A penalty in a partnership.'],
  perception: ['moderation', 'generic', 'A warning of the platform.'],
  roomNotify: ['room', 'generic', 'A notification in the room.'],
  speaker: ['room', 'generic', 'The speaker changed.'],
  subNotify: ['social', 'made', 'A subscription.'],
  subPinEvent: ['social', 'generic', 'A pinned subscription.'],
  toast: ['room', 'generic', 'A short notice.'],
  viewerPicksUpdate: ['room', 'generic', 'Picks of the viewers.'],
  controlMessage: ['lifecycle', 'made', 'The stream was paused, resumed or otherwise controlled.'],
  barrage: ['social', 'made', 'A highlighted announcement, for example a viewer of high level entering.'],
  system: ['room', 'made', 'A message of the system.'],
  unknown: ['unknown', 'made', 'A message or frame that could not be decoded, with its bytes.'],
} as const satisfies Record<string, Row>;

/** Events that Livetap makes itself. */
const OWN = {
  'live.started': ['lifecycle', 'made', 'First event of a session: its first socket is healthy.'],
  'live.ended': ['lifecycle', 'made', 'Last event of a session.'],
  'live.left': ['lifecycle', 'made', 'Watching stopped; the stream goes on.'],
  'room.gap': ['lifecycle', 'made', 'An interval of a joined session without a healthy socket.'],
  'gift.completed': ['gift', 'made', 'A gift streak is over; once for each streak.'],
  'viewer.erased': ['lifecycle', 'made', 'A viewer asked to be forgotten.'],
  canary: ['canary', 'made', 'A sign of life of a replica.'],
} as const satisfies Record<string, Row>;

/**
 * Newest revision of an event's schema, where it is not 0: `chat: 1` stands for `urn:livetap:schema:chat:1.1`. Published
 * revisions never change, so whoever adds an optional field to an event raises its number here (CONTRIBUTING.md).
 */
const SCHEMA_REVISIONS: Readonly<Partial<Record<EventName, number>>> = {};

export type WireEventName = keyof typeof WIRE;
export type OwnEventName = keyof typeof OWN;
export type EventName = WireEventName | OwnEventName;

const describe = (name: EventName, origin: 'wire' | 'own', [topic, shape, description]: Row): EventDescription => ({
  name,
  type: `livetap.${name}.v1`,
  topic,
  dataschema: `urn:livetap:schema:${name}:1.${SCHEMA_REVISIONS[name] ?? 0}`,
  origin,
  shape,
  description,
});

const entries = <Name extends EventName>(rows: Readonly<Record<Name, Row>>, origin: 'wire' | 'own') =>
  (Object.keys(rows) as Name[]).map((name) => [name, describe(name, origin, rows[name])] as const);

/** The one table from event to topic, type and schema. */
export const EVENT_CATALOGUE = Object.freeze(
  Object.fromEntries([...entries(WIRE, 'wire'), ...entries(OWN, 'own')]) as Record<EventName, EventDescription>,
);

/** All event names, wire events first. */
export const EVENT_NAMES: readonly EventName[] = Object.freeze(Object.keys(EVENT_CATALOGUE) as EventName[]);

/** The names of the events made of one wire message each, `unknown` among them. */
export const WIRE_EVENT_NAMES: readonly WireEventName[] = Object.freeze(Object.keys(WIRE) as WireEventName[]);

/** The name in a CloudEvents type such as `livetap.chat.v1`, undefined when it is not of this contract. */
export function eventNameOf(type: string): EventName | undefined {
  const match = /^livetap\.(.+)\.v1$/.exec(type);
  const name = match?.[1];
  return name !== undefined && Object.hasOwn(EVENT_CATALOGUE, name) ? (name as EventName) : undefined;
}
