import type * as lib from '@livetap/connector';
import { describe, expectTypeOf, it } from 'vitest';

/** The documented names that are types alone: this file compiles only when each is exported. */
interface DocumentedTypes {
  AbstractWebcastCookieJar: lib.AbstractWebcastCookieJar;
  BasicWebcastEventMessage: lib.BasicWebcastEventMessage;
  ClientEventMap: lib.ClientEventMap;
  CookieSessionBundle: lib.CookieSessionBundle;
  DecodedData: lib.DecodedData;
  DecodedWebcastPushFrame: lib.DecodedWebcastPushFrame;
  DevicePreset: lib.DevicePreset;
  EulerRouteRequestOptions: lib.EulerRouteRequestOptions;
  EventHandler: lib.EventHandler<string>;
  FetchIsLiveRouteParams: lib.FetchIsLiveRouteParams;
  FetchRoomIdFromEulerRouteParams: lib.FetchRoomIdFromEulerRouteParams;
  FetchRoomIdRouteParams: lib.FetchRoomIdRouteParams;
  FetchRoomInfoFromApiRouteParams: lib.FetchRoomInfoFromApiRouteParams;
  FetchRoomInfoFromApiRouteResponse: lib.FetchRoomInfoFromApiRouteResponse;
  FetchRoomInfoFromEulerRouteParams: lib.FetchRoomInfoFromEulerRouteParams;
  FetchRoomInfoFromHtmlRouteParams: lib.FetchRoomInfoFromHtmlRouteParams;
  FetchRoomInfoFromHtmlRouteResponse: lib.FetchRoomInfoFromHtmlRouteResponse;
  FetchSignedWebSocketFromEulerRouteParams: lib.FetchSignedWebSocketFromEulerRouteParams;
  FetchSignedWebSocketFromEulerRouteResponse: lib.FetchSignedWebSocketFromEulerRouteResponse;
  FetchWebcastSignatureFromEulerRouteParams: lib.FetchWebcastSignatureFromEulerRouteParams;
  GetWebConfigParams: lib.GetWebConfigParams;
  GetWebSocketConfigParams: lib.GetWebSocketConfigParams;
  HttpRoute: lib.HttpRoute<object, string>;
  IWebcastDeserializeConfig: lib.IWebcastDeserializeConfig;
  LocationPreset: lib.LocationPreset;
  OAuthTokenSessionBundle: lib.OAuthTokenSessionBundle;
  RoomGiftInfo: lib.RoomGiftInfo;
  RoomGiftsResponse: lib.RoomGiftsResponse;
  RoomGiftsRouteParams: lib.RoomGiftsRouteParams;
  RoomInfo: lib.RoomInfo;
  RoomInfoResponse: lib.RoomInfoResponse;
  RoomInfoRouteParams: lib.RoomInfoRouteParams;
  ScreenPreset: lib.ScreenPreset;
  SendRoomChatFromEulerRouteParams: lib.SendRoomChatFromEulerRouteParams;
  SessionBundle: lib.SessionBundle;
  SignConfig: lib.SignConfig;
  TikTokLiveConnectionBundledAuthOptions: lib.TikTokLiveConnectionBundledAuthOptions;
  TikTokLiveConnectionMutableOptions: lib.TikTokLiveConnectionMutableOptions;
  TikTokLiveConnectionOptions: lib.TikTokLiveConnectionOptions;
  TikTokLiveConnectionProviderOptions: lib.TikTokLiveConnectionProviderOptions;
  TikTokLiveConnectionState: lib.TikTokLiveConnectionState;
  TikTokLiveConstructorConnectionOptions: lib.TikTokLiveConstructorConnectionOptions;
  WebSocketDynamicParams: lib.WebSocketDynamicParams;
  WebSocketParams: lib.WebSocketParams;
  WebcastEventMessage: lib.WebcastEventMessage;
  WebcastGotHttpConfig: lib.WebcastGotHttpConfig;
  WebcastHttpClientRequestParams: lib.WebcastHttpClientRequestParams;
  WebcastHttpCompositeRouteArgs: lib.WebcastHttpCompositeRouteArgs;
  WebcastHttpEulerRouteArgs: lib.WebcastHttpEulerRouteArgs;
  WebcastHttpRouteArgs: lib.WebcastHttpRouteArgs;
  WebcastMessage: lib.WebcastMessage;
  WebcastSignerParams: lib.WebcastSignerParams;
  WebcastSignerResponse: lib.WebcastSignerResponse;
  WebcastTypedClient: lib.WebcastTypedClient;
  WebcastTypedWebSocket: lib.WebcastTypedWebSocket;
  WebcastWebConfigDefaults: lib.WebcastWebConfigDefaults;
  WebcastWebSocketConfig: lib.WebcastWebSocketConfig;
  WebcastWebSocketConfigDefaults: lib.WebcastWebSocketConfigDefaults;
  WebcastWebSocketEventMap: lib.WebcastWebSocketEventMap;
  WrappedHttpRoute: lib.WrappedHttpRoute<lib.WebcastHttpRouteArgs, string>;
}

describe('documented types', () => {
  it('are what their values are', () => {
    expectTypeOf<keyof DocumentedTypes>().not.toBeNever();
    expectTypeOf<DocumentedTypes['WebcastMessage']['WebcastChatMessage']>().toEqualTypeOf<lib.WebcastChatMessage>();
    expectTypeOf<DocumentedTypes['ClientEventMap']['connected']>()
      .parameter(0)
      .toEqualTypeOf<lib.TikTokLiveConnectionState>();
    expectTypeOf<DocumentedTypes['FetchSignedWebSocketFromEulerRouteResponse']>()
      .toHaveProperty('fetchResult')
      .toEqualTypeOf<lib.ProtoMessageFetchResult>();
    expectTypeOf<DocumentedTypes['WebcastWebSocketEventMap']>().toHaveProperty('imEnteredRoom');
    expectTypeOf<DocumentedTypes['DecodedWebcastPushFrame']>().toHaveProperty('protoMessageFetchResult');
    expectTypeOf<lib.WebcastHttpClient['cookieJar']>().toExtend<DocumentedTypes['AbstractWebcastCookieJar']>();
    expectTypeOf<lib.TikTokLiveConnection>().toExtend<DocumentedTypes['WebcastTypedClient']>();
  });

  // A type that is `never` or missing would make this map useless.
  it('are no `never`', () => {
    type Never = {
      [K in keyof DocumentedTypes]: [DocumentedTypes[K]] extends [never] ? K : never;
    }[keyof DocumentedTypes];
    expectTypeOf<Never>().toBeNever();
  });
});
