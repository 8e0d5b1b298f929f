/** What a program that uses tiktok-live-connector alone would send to Kafka of a message: the fields that people ask for. */
export function chosenFields(method, data, roomId) {
  const { common, user } = data;
  const base = {
    type: method,
    id: common?.msgId,
    roomId,
    time: common?.createTime,
    ...(user === undefined || user === null ? {} : { user: person(user) }),
  };
  switch (method) {
    case 'WebcastChatMessage':
      return { ...base, comment: data.comment ?? data.content, language: data.contentLanguage };
    case 'WebcastLikeMessage':
      return { ...base, count: data.likeCount ?? data.count, total: data.totalLikeCount ?? data.total };
    case 'WebcastMemberMessage':
      return { ...base, memberCount: data.memberCount, action: data.action };
    case 'WebcastGiftMessage':
      return {
        ...base,
        giftId: data.giftId,
        name: data.giftDetails?.giftName ?? data.gift?.name,
        diamonds: data.giftDetails?.diamondCount ?? data.gift?.diamondCount,
        repeatCount: data.repeatCount,
        repeatEnd: data.repeatEnd,
        groupId: data.groupId,
      };
    case 'WebcastRoomUserSeqMessage':
      return {
        ...base,
        viewers: data.viewerCount ?? data.total,
        top: (data.ranksList ?? data.ranks ?? []).map((rank) => ({
          score: rank.coinCount ?? rank.score,
          user: rank.user ? person(rank.user) : undefined,
        })),
      };
    default:
      return base;
  }
}

function person(user) {
  return {
    id: user.userId ?? user.id,
    uniqueId: user.uniqueId ?? user.displayId,
    nickname: user.nickname,
    avatar: (user.profilePicture ?? user.avatarThumb)?.url?.[0] ?? user.avatarThumb?.urlList?.[0],
  };
}
