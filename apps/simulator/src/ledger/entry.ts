/** What a message means for the totals; each kind of message has its own facts, most have none. */
export type MessageFacts =
  | {
      readonly kind: 'gift';
      readonly userId: string;
      readonly giftId: number;
      /** Streak of the gift; `"0"` when it has none. */
      readonly groupId: string;
      readonly repeatCount: number;
      readonly diamondCount: number;
      readonly repeatEnd: boolean;
      readonly giftType: number;
    }
  | { readonly kind: 'chat' | 'member'; readonly userId: string }
  | { readonly kind: 'like'; readonly userId: string; readonly count: number; readonly total: number }
  | { readonly kind: 'viewers'; readonly viewers: number; readonly totalUser: number }
  | {
      readonly kind: 'social';
      readonly userId: string;
      readonly social: 'follow' | 'share' | 'other';
      /** Followers of the streamer after it; 0 when not told. */
      readonly followCount: number;
    }
  | {
      readonly kind: 'battle';
      readonly battleId: string;
      /** User id of the other host. */
      readonly rivalId: string;
      /** Points of the room's own host. */
      readonly own: number;
      /** Points of the other host. */
      readonly other: number;
      /** It is over, and the hosts' results are told. */
      readonly finished: boolean;
    }
  | { readonly kind: 'control'; readonly action: number };

/** One message on one socket: the same message sent on two sockets, or again as history, makes two entries. */
export interface LedgerEntry {
  /** Order of sending in this process, from 1, without holes. */
  readonly seq: number;
  /** When it was handed to the open socket, ms since the epoch. */
  readonly at: number;
  readonly room: string;
  /** Which live of this room id it belongs to: 1, 2, 3 … */
  readonly live: number;
  readonly msgId: string;
  readonly method: string;
  /** Number of the socket. */
  readonly socket: number;
  readonly isHistory: boolean;
  /** False when the same (room, msgId, method) was sent before. */
  readonly first: boolean;
  /** The socket acknowledged the frame. */
  readonly acked: boolean;
  /** The frame or the message was damaged on purpose: it cannot have arrived as itself and counts nowhere. */
  readonly damaged: boolean;
  readonly facts?: MessageFacts;
}

/** A message as the ledger takes it. */
export interface SentMessage {
  readonly msgId: string;
  readonly method: string;
  readonly facts?: MessageFacts | undefined;
  readonly damaged: boolean;
}

/** The totals that the messages of one live of one room add up to, each distinct message counted once. */
export interface RoomSummary {
  readonly room: string;
  /** Distinct (msgId, method). */
  readonly messages: number;
  /** Entries, repeats included. */
  readonly sent: number;
  /** Distinct messages of which at least one sending was acknowledged. */
  readonly acked: number;
  /** Entries that were damaged on purpose. */
  readonly damaged: number;
  readonly byMethod: Readonly<Record<string, number>>;
  readonly chats: number;
  readonly joins: number;
  readonly follows: number;
  readonly shares: number;
  readonly likeMessages: number;
  /** Highest like total. */
  readonly likeMax: number;
  /** Sum of the counts of the like messages (which is not the total). */
  readonly likeCountSum: number;
  /** Highest viewer count. */
  readonly viewersPeak: number;
  /** Gift messages. */
  readonly gifts: number;
  /** Gift streaks, each gift without a streak counted as one. */
  readonly streaks: number;
  /** Gifts given: the sum over the streaks of the highest repeatCount. */
  readonly giftCount: number;
  /** The sum over the streaks of the highest repeatCount times the diamonds of one. */
  readonly diamonds: number;
  readonly firstAt: number;
  readonly lastAt: number;
}
