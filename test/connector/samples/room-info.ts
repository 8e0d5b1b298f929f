/* eslint-disable @typescript-eslint/no-unsafe-member-access -- the sample stands as it is documented */
import { TikTokLiveConnection, type RoomInfoResponse } from '@livetap/connector';

const connection = new TikTokLiveConnection('@username');
connection
  .fetchRoomInfo()
  .then((roomInfo: RoomInfoResponse) => {
    console.log(roomInfo);
    console.log(`Stream started timestamp: ${roomInfo.create_time}, Streamer bio: ${roomInfo.owner.bio_description}`);
    console.log(`HLS URL: ${roomInfo.stream_url.hls_pull_url}`); // Can be played or recorded with e.g. VLC
  })
  .catch((err) => {
    console.error(err);
  });

export { connection };
