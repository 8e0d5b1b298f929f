import { TikTokLiveConnection } from '@livetap/connector';

/** The names that samples speak of without declaring them. */
export const tiktokUsername = 'officialgeilegisela';
export const connection = new TikTokLiveConnection(tiktokUsername);
