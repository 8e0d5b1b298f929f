import type { CountedGift, GiftFold } from '../gift-fold.js';
import { STREAK_TYPE, streakIdOf } from '../normalize/gifts.js';
import { WrittenJson } from '../written-json.js';
import { Literal } from './json-bytes.js';
import { ABSENT, type Outcome, UNUSUAL, WRITTEN } from './outcome.js';
import type { MemberWriter } from './member-writer.js';
import { type ProjectionFrame, UNSAFE_HIGH } from './projection-frame.js';
import { type Step, stepsOf } from './projection-plan.js';
import type { ScanBuilder } from './scan-builder.js';
import { image, loosePerson, object, person, personWith, textIfAny } from './shape.js';

const GIFT = new Literal(',"gift":{"id":"');
const DIAMONDS_EACH = new Literal(',"diamondsEach":');
const REPEAT_COUNT = new Literal(',"repeatCount":');
const END_TRUE = new Literal(',"end":true');
const END_FALSE = new Literal(',"end":false');
const COUNT = new Literal(',"count":');
const DIAMONDS = new Literal(',"diamonds":');
const STREAK = new Literal(',"streak":{"id":"');
const QUOTE_COUNT = new Literal('","count":');
const CLOSE_BOTH = new Literal('}}');
const OPEN = 0x7b;
const CLOSE = 0x7d;
const QUOTE = 0x22;
const ZERO_TEXT = '0';
/** Of what every person begins with: `{"id":"`. */
const ID_OFFSET = 7;
/** What may still be written when the gift is counted is shorter. */
const TAIL_BYTES = 512;
/** What is larger might not fit into an event. */
const LARGEST_GIFT_BYTES = 500_000;

/** The parts of a gift message whose order is that of the contract, with the members of the gift between them. */
const SHAPES = object({
  user: personWith('userIdentity', 'user'),
  to: person('toUser'),
  member: loosePerson({ id: 'toMemberIdInt', idText: 'toMemberId', nickname: 'toMemberNickname' }),
  name: textIfAny('giftDetails.giftName'),
  imageUrl: image('giftDetails.giftImage', 'giftDetails.icon'),
});

interface GiftPlan {
  readonly user: Step;
  readonly to: Step;
  readonly member: Step;
  readonly name: Step;
  readonly imageUrl: Step;
  readonly giftId: number;
  readonly details: number;
  readonly detailsId: number;
  readonly giftType: number;
  readonly diamondCount: number;
  readonly repeatCount: number;
  readonly repeatEnd: number;
  readonly groupId: number;
}

/** Writes the data of gifts, which need what the room counted before. */
export class GiftProjector {
  readonly #frame: ProjectionFrame;
  readonly #members: MemberWriter;
  #plan: GiftPlan | undefined;

  constructor(frame: ProjectionFrame, members: MemberWriter) {
    this.#frame = frame;
    this.#members = members;
  }

  /** Says what is wanted of a gift message. */
  prepare(builder: ScanBuilder): void {
    const [user, to, member, name, imageUrl] = stepsOf(builder, SHAPES) as [Step, Step, Step, Step, Step];
    const place = (path: string) => builder.want(path).place;
    const places = {
      giftId: place('giftId'),
      details: place('giftDetails'),
      detailsId: place('giftDetails.id'),
      giftType: place('giftDetails.giftType'),
      diamondCount: place('giftDetails.diamondCount'),
      repeatCount: place('repeatCount'),
      repeatEnd: place('repeatEnd'),
      groupId: place('groupId'),
    };
    // `to` is the key of a guest, whichever way the wire names the guest.
    this.#plan = { user, to, member: { ...member, key: to.key }, name, imageUrl, ...places };
  }

  /**
   * Counts the gift whose message is open and writes its data. `hostId`: user id of the streamer where it is known;
   * `eventId` names the streak of a gift without a group; `top`: frames are free from there on. Undefined: nothing was
   * counted and what was written does not count; decode the message.
   */
  write(fold: GiftFold, hostId: string | undefined, eventId: string, at: number, top: number): CountedGift | undefined {
    const plan = this.#plan;
    if (plan === undefined) return undefined;
    const { json, places } = this.#frame;
    const open = json.at;
    const user = this.#part(plan.user, top);
    if (user === UNUSUAL) return undefined;
    const userJson = user === WRITTEN ? this.#written(open + plan.user.key.length) : undefined;
    const senderId = user === WRITTEN ? this.#idAt(open + plan.user.key.length) : ZERO_TEXT;
    const toAt = json.at;
    let to = this.#part(plan.to, top);
    if (to === ABSENT) to = this.#part(plan.member, top);
    if (to === UNUSUAL) return undefined;
    const personAt = toAt + plan.to.key.length;
    if (to === WRITTEN && this.#idAt(personAt) === hostId) json.at = toAt;
    const toJson = json.at === toAt ? undefined : this.#written(personAt);

    const giftAt = json.at;
    json.literal(GIFT);
    const giftId = this.#giftId(plan);
    if (giftId === undefined) return undefined;
    json.byte(QUOTE);
    if (this.#part(plan.name, top) === UNUSUAL) return undefined;
    const grouped = places[plan.groupId] !== 0 || places[plan.groupId + 1] !== 0;
    const streakId = grouped ? streakIdOf(senderId, giftId, this.#groupId(plan)) : undefined;
    const price = places[plan.diamondCount]!;
    const said = price > 0 ? price : undefined;
    const diamondsEach = fold.priceOf(giftId, streakId, said);
    if (diamondsEach !== undefined) {
      json.literal(DIAMONDS_EACH);
      json.whole(diamondsEach);
    }
    if (this.#part(plan.imageUrl, top) === UNUSUAL) return undefined;
    json.byte(CLOSE);
    json.out[open] = OPEN;
    // From here on nothing can go wrong: what is counted cannot be taken back.
    if (json.at - open > LARGEST_GIFT_BYTES) return undefined;
    if (json.at + TAIL_BYTES > json.out.length) {
      json.at = json.out.length + 1;
      return undefined;
    }

    const end = places[plan.repeatEnd] !== 0;
    const repeatCount = places[plan.repeatCount]!;
    const isStreak = places[plan.details] === 0 || places[plan.giftType] === STREAK_TYPE;
    const counted = fold.frame(
      {
        user: userJson,
        to: toJson,
        gift: this.#written(giftAt + GIFT.length - ID_OFFSET),
        giftId,
        said,
        diamondsEach,
        repeatCount,
        streakId,
        open: grouped && !end && isStreak,
      },
      eventId,
      at,
    );
    this.#tail(counted, repeatCount, end);
    return counted;
  }

  #tail(counted: CountedGift, repeatCount: number, end: boolean): void {
    const { json } = this.#frame;
    json.literal(REPEAT_COUNT);
    json.int32(repeatCount);
    json.literal(end ? END_TRUE : END_FALSE);
    json.literal(COUNT);
    json.whole(counted.count);
    if (counted.diamonds !== undefined) {
      json.literal(DIAMONDS);
      json.whole(counted.diamonds);
    }
    json.literal(STREAK);
    json.ascii(counted.streakId);
    json.literal(QUOTE_COUNT);
    json.whole(counted.streakCount);
    json.literal(CLOSE_BOTH);
  }

  #part(step: Step, top: number): Outcome {
    const { json } = this.#frame;
    const start = json.at;
    const outcome = this.#members.member(step, 0, top);
    if (outcome === ABSENT) json.at = start;
    return outcome;
  }

  /** Writes the id of the gift and gives it as text. Undefined: it is larger than a number holds. */
  #giftId(plan: GiftPlan): string | undefined {
    const { json, places } = this.#frame;
    const start = json.at;
    const high = places[plan.giftId + 1]!;
    const low = places[plan.giftId]!;
    if (high >= UNSAFE_HIGH) return undefined;
    if (high > 0 || (high === 0 && low !== 0)) json.int64(high, low, true);
    else json.int64(places[plan.detailsId + 1]!, places[plan.detailsId]!, true);
    return json.slice(start, json.at);
  }

  #groupId(plan: GiftPlan): string {
    const { json, places } = this.#frame;
    const start = json.at;
    json.int64(places[plan.groupId + 1]!, places[plan.groupId]!, false);
    const text = json.slice(start, json.at);
    json.at = start;
    return text;
  }

  #idAt(person: number): string {
    const { json } = this.#frame;
    const start = person + ID_OFFSET;
    return json.slice(start, json.out.indexOf(QUOTE, start));
  }

  #written(from: number): WrittenJson {
    const { json } = this.#frame;
    return new WrittenJson(json.out.toString('utf8', from, json.at));
  }
}
