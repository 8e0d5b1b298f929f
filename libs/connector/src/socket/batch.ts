/** One entry of a decoded batch: a Webcast message that is still bytes. */
export interface RawMessage {
  /** Wire method, for example `WebcastChatMessage`. */
  readonly method: string;
  /** Message id of the batch entry as a decimal string, `"0"` when the wire had none. */
  readonly msgId: string;
  /**
   * The protobuf bytes of the message, never to be changed. Of a batch that a socket hands over they are valid during the call
   * alone: the next frame of any connection is unpacked into the same memory. Who keeps them copies them.
   */
  readonly payload: Uint8Array;
  /** TikTok's own hint that this message is a repeat from the room's history. */
  readonly isHistory: boolean;
}

/** What one push frame carried, in order. */
export interface RawBatch {
  readonly messages: readonly RawMessage[];
  /** Receipt of the frame, milliseconds since the epoch. */
  readonly receivedAt: number;
  /** `now` of the batch (milliseconds since the epoch) as a decimal string, `"0"` when absent. */
  readonly now: string;
  readonly cursor: string;
  readonly internalExt: string;
}
