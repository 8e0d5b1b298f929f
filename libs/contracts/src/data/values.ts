/** A 64-bit integer or an id as decimal text. */
export type DecimalString = string;

/** A whole number, exact in doubles and in 64-bit integers: at most 2^53−1 in size. As TikTok sent it, so it can be negative. */
export type Integer = number;

/** As `Integer`, and never negative: counted by Livetap itself. */
export type Count = number;

/** RFC 3339 in UTC with 3 decimals, for example `2026-01-31T12:00:00.000Z`. */
export type Timestamp = string;

/** An https address. */
export type HttpsUrl = string;

/** Bytes in base64 (RFC 4648, section 4, with padding). */
export type Base64 = string;

/** One of the known values or a newer one; `UNKNOWN_<n>` when the wire had a number without a name. */
export type OpenEnum<Known extends string> = Known | (string & Record<never, never>);

/** A text that TikTok translates on the device. */
export interface LocalizedText {
  /** Key of the translation, `""` when there is none. */
  readonly key: string;
  /** Default pattern with places such as `{0:user}`. */
  readonly pattern: string;
  /** The default pattern with its places filled in. */
  readonly text: string;
}

/** What a viewer is in this room. Absent members are false or unknown. */
export interface UserRoles {
  /** Moderates the room. */
  readonly moderator?: true;
  /** Pays a subscription to the streamer. */
  readonly subscriber?: true;
  /** A super fan of the streamer. */
  readonly superFan?: true;
  /** Follows the streamer and is followed back. */
  readonly friend?: true;
  /** Follows the streamer. */
  readonly follower?: true;
  /** Level in the streamer's fan club, 1 is the lowest. */
  readonly fanLevel?: Integer;
  /** Level as a sender of gifts on TikTok, 1 is the lowest. */
  readonly gifterLevel?: Integer;
  /** Position among the top gifters of the room, 1 is the first. */
  readonly topGifterRank?: Integer;
}

/** All that the contract says about a person. */
export interface User {
  /** TikTok user id. It never changes. */
  readonly id: DecimalString;
  /** The name after the `@`. Its owner can change it. */
  readonly uniqueId?: string;
  /** The name that is shown, chosen freely. */
  readonly nickname?: string;
  /** Picture of the person. The address is signed by TikTok and stops working after a while. */
  readonly avatarUrl?: HttpsUrl;
  /** True when TikTok verified the account; absent otherwise. */
  readonly verified?: boolean;
  /** What the person is in this room, where the message says so. */
  readonly roles?: UserRoles;
}

/** What every event made of a wire message may carry. */
export interface WireData {
  /** True when a part of the message could not be decoded and was left out; absent otherwise. */
  readonly partial?: true;
}
