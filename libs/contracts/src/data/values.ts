/** A 64-bit integer or an id as decimal text. */
export type DecimalString = string;

/** RFC 3339 in UTC with 3 decimals, for example `2026-01-31T12:00:00.000Z`. */
export type Timestamp = string;

/** An https address. */
export type HttpsUrl = string;

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
  readonly moderator?: true;
  readonly subscriber?: true;
  readonly superFan?: true;
  /** Follows the streamer and is followed back. */
  readonly friend?: true;
  readonly follower?: true;
  /** Level in the streamer's fan club. */
  readonly fanLevel?: number;
  /** Level as a sender of gifts. */
  readonly gifterLevel?: number;
  /** Position among the top gifters of the room, 1 is the first. */
  readonly topGifterRank?: number;
}

/** All that the contract says about a person. */
export interface User {
  readonly id: DecimalString;
  /** The name after the `@`. */
  readonly uniqueId?: string;
  readonly nickname?: string;
  readonly avatarUrl?: HttpsUrl;
  readonly verified?: boolean;
  readonly roles?: UserRoles;
}

/** What every event made of a wire message may carry. */
export interface WireData {
  /** True when a part of the message could not be decoded and was left out. */
  readonly partial?: true;
}
