import { createFetchIsLiveComposite, createFetchRoomIdComposite } from './composite-routes.js';
import {
  fetchRoomIdFromEulerRoute,
  fetchRoomInfoFromEulerRoute,
  fetchSignedWebSocketFromEulerRoute,
  fetchWebcastSignatureFromEulerRoute,
  sendRoomChatFromEulerRoute,
} from './euler-routes.js';
import {
  fetchRoomGiftsRoute,
  fetchRoomInfoFromApiLiveRoute,
  fetchRoomInfoFromHtmlRoute,
  fetchRoomInfoRoute,
} from './tiktok-routes.js';

export const fetchRoomIdComposite = createFetchRoomIdComposite(() => RouteConfig);
export const fetchIsLiveComposite = createFetchIsLiveComposite(() => RouteConfig);

/** The routes that connections use. One mutable object: users replace an entry to change it for every connection. */
export const RouteConfig = {
  fetchRoomInfo: fetchRoomInfoRoute,
  fetchRoomGifts: fetchRoomGiftsRoute,
  fetchRoomInfoFromApiLive: fetchRoomInfoFromApiLiveRoute,
  fetchRoomInfoFromHtml: fetchRoomInfoFromHtmlRoute,
  fetchRoomIdFromProvider: fetchRoomIdFromEulerRoute,
  fetchRoomInfoFromProvider: fetchRoomInfoFromEulerRoute,
  fetchSignedWebSocketFromProvider: fetchSignedWebSocketFromEulerRoute,
  fetchWebcastSignatureFromProvider: fetchWebcastSignatureFromEulerRoute,
  sendRoomChatFromProvider: sendRoomChatFromEulerRoute,
  fetchRoomIdComposite,
  fetchIsLiveComposite,
};
