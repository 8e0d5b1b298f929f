import type EulerStreamApiClient from '@eulerstream/euler-api-sdk';
import type { RawAxiosRequestConfig } from 'axios';
import type { WebcastHttpClient } from '../http/webcast-http-client.js';

/** What every route takes. */
export interface WebcastHttpRouteArgs {
  readonly webClient: WebcastHttpClient;
  readonly signal?: AbortSignal | undefined;
}

/** What routes to the sign server take. */
export interface WebcastHttpEulerRouteArgs extends WebcastHttpRouteArgs {
  readonly apiClient: EulerStreamApiClient;
  readonly options?: RawAxiosRequestConfig | undefined;
}

/** What routes over several sources take. */
export type WebcastHttpCompositeRouteArgs = WebcastHttpEulerRouteArgs;

/** A route as it is called: one object in, one promise out. */
export type HttpRoute<Args, Result> = (args: Args) => Promise<Result>;

/** Makes a route: the handler sees the caller's arguments and the route's id. */
export function createRoute<Args extends { readonly routeId: string }, Result>(
  routeId: string,
  handler: (args: Args) => Promise<Result>,
): HttpRoute<Omit<Args, 'routeId'>, Result> {
  return (args) => handler({ ...args, routeId } as Args);
}
