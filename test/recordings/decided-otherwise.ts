/** Fields on which proto/webcast decides otherwise than the reference's v3 schema, as far as the recordings hold them. */
export const DECIDED_OTHERWISE: Readonly<Record<string, string>> = {
  'LiveStreamGoal_LiveStreamGoalContributor.badgeList':
    'v3 does not have the field; TikTokLiveSharp, gotiktoklive and the recorded bytes do',
  'WebcastInRoomBannerMessage.jsonData':
    'v3 declares nothing but the header; v2 and the recorded bytes have the JSON text',
  'WebcastMemberMessage.effectConfig':
    'a message (absent: undefined), v3 says bytes (absent: empty); three other sources agree',
  'WebcastBarrageMessage.leftIconDisplayType': 'proto3 optional: absent is undefined here, 0 in v3',
  'WebcastBarrageMessage.renderType': 'proto3 optional: absent is undefined here, 0 in v3',
  'WebcastBarrageMessage.showType': 'proto3 optional: absent is undefined here, 0 in v3',
};
