import type { CommonMessageData, Text, User } from '@livetap/connector';
import type { MessageFacts } from '../ledger/entry.js';
import type { MessageCodec, PartialMessage } from '../wire/proto.js';

export type CommonBody = PartialMessage<CommonMessageData>;
export type UserBody = PartialMessage<User>;
export type TextBody = PartialMessage<Text>;

/** A message before it has its id and time. */
export interface Draft {
  /** Wire method, which may differ from the name of the type. */
  readonly method: string;
  /** Fields of the common header beside method, ids and times. */
  readonly header?: CommonBody | undefined;
  readonly facts?: MessageFacts | undefined;
  /** Writes the message with the given common header. */
  encode(common: CommonBody): Uint8Array;
}

/** Drafts a message of a known type; a field that the type does not have does not compile. */
export const draft = <T extends { common: CommonMessageData | undefined }>(
  codec: MessageCodec<T>,
  body: Omit<PartialMessage<T>, 'common'>,
  extra: { method?: string; header?: CommonBody; facts?: MessageFacts } = {},
): Draft => ({
  method: extra.method ?? codec.typeName,
  header: extra.header,
  facts: extra.facts,
  encode: (common) => codec.encode({ ...body, common } as unknown as PartialMessage<T>).finish(),
});

const WHITE = { color: '#ffffffff', weight: 400 };

/** A text that names a user, as in the display texts of most messages. */
export const userText = (displayType: string, defaultPattern: string, user: UserBody): TextBody => ({
  displayType,
  defaultPattern,
  defaultFormat: WHITE,
  piecesList: [{ type: 11, format: WHITE, userValue: { user } }],
});

/** A text without parts. */
export const plainText = (displayType: string, defaultPattern: string): TextBody => ({
  displayType,
  defaultPattern,
  defaultFormat: WHITE,
});
