import { TikTokLiveConnection, type RoomGiftInfo } from '@livetap/connector';

const connection = new TikTokLiveConnection('@username');
connection
  .fetchAvailableGifts()
  .then((giftList: RoomGiftInfo) => {
    console.log(giftList);
    giftList.forEach((gift) => {
      console.log(`id: ${gift.id}, name: ${gift.name}, cost: ${gift.diamond_count}`);
    });
  })
  .catch((err) => {
    console.error(err);
  });

export { connection };
