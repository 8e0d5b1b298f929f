import * as errors from '@livetap/connector';
import type { ErrorReason } from '@livetap/connector';

export type DocumentedKind = 'class' | 'function' | 'object' | 'string' | 'array';

/** The documented runtime names beside the schema's. */
export const DOCUMENTED_NAMES: readonly (readonly [name: string, kind: DocumentedKind])[] = [
  ['TikTokLiveConnection', 'class'],
  ['WebcastHttpClient', 'class'],
  ['WebcastWebSocketClient', 'class'],
  ['TikTokWsClient', 'class'],
  ['WebcastCookieJar', 'class'],
  ['InvalidUniqueIdError', 'class'],
  ['InvalidSchemaNameError', 'class'],
  ['SchemaDecodeError', 'class'],
  ['AlreadyConnectingError', 'class'],
  ['AlreadyConnectedError', 'class'],
  ['UserOfflineError', 'class'],
  ['ConnectTimeoutError', 'class'],
  ['InvalidResponseError', 'class'],
  ['InvalidRequestError', 'class'],
  ['InvalidResponseCompositeError', 'class'],
  ['TikTokLiveError', 'class'],
  ['SignAPIError', 'class'],
  ['SignatureRateLimitError', 'class'],
  ['PremiumFeatureError', 'class'],
  ['SignatureMissingTokensError', 'class'],
  ['AuthenticatedWebSocketConnectionError', 'class'],
  ['HandleError', 'function'],
  ['fetchRoomGiftsRoute', 'function'],
  ['fetchRoomInfoRoute', 'function'],
  ['fetchRoomInfoFromApiLiveRoute', 'function'],
  ['fetchRoomInfoFromHtmlRoute', 'function'],
  ['fetchRoomIdFromEulerRoute', 'function'],
  ['fetchRoomInfoFromEulerRoute', 'function'],
  ['fetchSignedWebSocketFromEulerRoute', 'function'],
  ['fetchWebcastSignatureFromEulerRoute', 'function'],
  ['sendRoomChatFromEulerRoute', 'function'],
  ['fetchRoomIdComposite', 'function'],
  ['fetchIsLiveComposite', 'function'],
  ['createRoute', 'function'],
  ['createEulerClient', 'function'],
  ['getWebConfig', 'function'],
  ['getWebSocketConfigDefaults', 'function'],
  ['getRandomPresets', 'function'],
  ['getRandomDevicePreset', 'function'],
  ['getRandomLocationPreset', 'function'],
  ['getRandomScreenPreset', 'function'],
  ['userAgentToDevicePreset', 'function'],
  ['generateDeviceId', 'function'],
  ['generateUniqId', 'function'],
  ['createWebSocketProvider', 'function'],
  ['createBaseWebcastPushFrame', 'function'],
  ['deserializeMessage', 'function'],
  ['deserializeWebSocketMessage', 'function'],
  ['validateAndNormalizeUniqueId', 'function'],
  ['ControlEvent', 'object'],
  ['WebcastEvent', 'object'],
  ['WebcastEventMap', 'object'],
  ['ConnectState', 'object'],
  ['RouteConfig', 'object'],
  ['RoomIdRouteConfig', 'object'],
  ['IsLiveRouteConfig', 'object'],
  ['RoomInfoFromHtmlRouteConfig', 'object'],
  ['BaseFetchRoute', 'object'],
  ['CompositeFetchRoute', 'object'],
  ['EulerFetchRoute', 'object'],
  ['SignConfig', 'object'],
  ['WebcastWebConfigDefaults', 'object'],
  ['WebSocketConfigDefaults', 'object'],
  ['WebcastDeserializeConfig', 'object'],
  ['ErrorReason', 'object'],
  ['ControlAction', 'object'],
  ['WebcastChatMessage', 'object'],
  ['LIBRARY_IDENTITY', 'string'],
  ['VERSION', 'string'],
  ['Devices', 'array'],
  ['Locations', 'array'],
  ['Screens', 'array'],
  ['UserAgents', 'array'],
];

/** An error class: how it is made, and what an instance then holds. */
interface DocumentedError {
  readonly name: string;
  readonly make: () => Error;
  readonly message: RegExp;
  readonly fields: object;
  readonly parents: readonly (abstract new (...args: never[]) => Error)[];
}

const { SignAPIError, TikTokLiveError } = errors;
const SIGN = [SignAPIError, TikTokLiveError];
const ofMessage = (make: new (message: string) => Error): DocumentedError => ({
  name: make.name,
  make: () => new make('some words'),
  message: /^some words$/,
  fields: {},
  parents: [errors.ConnectorError],
});

export const DOCUMENTED_ERRORS: readonly DocumentedError[] = [
  errors.InvalidUniqueIdError,
  errors.InvalidSchemaNameError,
  errors.SchemaDecodeError,
  errors.AlreadyConnectingError,
  errors.AlreadyConnectedError,
  errors.UserOfflineError,
  errors.ConnectTimeoutError,
  errors.TikTokLiveError,
]
  .map(ofMessage)
  .concat([
    {
      name: 'InvalidResponseError',
      make: () => new errors.InvalidResponseError({ routeId: 'r', requestErr: new RangeError('x') }, 'some', 'words'),
      message: /^\[r\] some words$/,
      fields: { config: { routeId: 'r', requestErr: new RangeError('x') } },
      parents: [],
    },
    {
      name: 'InvalidRequestError',
      make: () => new errors.InvalidRequestError({ routeId: 'r' }, 'some', 'words'),
      message: /^\[r\] some words$/,
      fields: { config: { routeId: 'r' } },
      parents: [],
    },
    {
      name: 'InvalidResponseCompositeError',
      make: () =>
        new errors.InvalidResponseCompositeError(
          { routeId: 'r', requestErrs: [new Error('1'), new Error('2')] },
          'all',
        ),
      message: /all/,
      fields: { config: { requestErrs: [new Error('1'), new Error('2')] } },
      parents: [],
    },
    {
      name: 'SignAPIError',
      make: () => new SignAPIError('Sign Error' as ErrorReason, 'q1', 'a1', 'some', undefined, new Error('words')),
      message: /^\[Sign Error\] some words$/,
      fields: { reason: 'Sign Error', requestId: 'q1', agentId: 'a1' },
      parents: [TikTokLiveError],
    },
    {
      name: 'SignatureRateLimitError',
      make: () =>
        new errors.SignatureRateLimitError('slow down', 'wait %s ms', {
          headers: { 'retry-after': '7', 'x-ratelimit-reset': '9', 'x-log-id': 'l1', 'x-agent-id': 'a1' },
        }),
      message: /^\[Rate Limited\] wait 7000 ms[^]*slow down/,
      fields: { reason: 'Rate Limited', retryAfter: 7000, resetTime: 9000, requestId: 'l1', agentId: 'a1' },
      parents: SIGN,
    },
    {
      name: 'SignatureRateLimitError',
      make: () => new errors.SignatureRateLimitError(undefined, 'wait %s ms', { headers: {} }),
      message: /^\[Rate Limited\] wait 0 ms$/,
      fields: { retryAfter: 0, resetTime: undefined },
      parents: SIGN,
    },
    {
      name: 'PremiumFeatureError',
      make: () => new errors.PremiumFeatureError('pay', 'some', 'words'),
      message: /^\[Premium Feature\] some words[^]*pay/,
      fields: { reason: 'Premium Feature' },
      parents: SIGN,
    },
    {
      name: 'SignatureMissingTokensError',
      make: () => new errors.SignatureMissingTokensError('some', 'words'),
      message: /^\[Empty Payload\] some words$/,
      fields: { reason: 'Empty Payload' },
      parents: SIGN,
    },
    {
      name: 'AuthenticatedWebSocketConnectionError',
      make: () => new errors.AuthenticatedWebSocketConnectionError('some', 'words'),
      message: /^\[Authenticated WS\] some words$/,
      fields: { reason: 'Authenticated WS' },
      parents: SIGN,
    },
  ]);
