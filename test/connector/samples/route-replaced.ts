import { RouteConfig } from '@livetap/connector';

const original = RouteConfig.fetchSignedWebSocketFromProvider;
RouteConfig.fetchSignedWebSocketFromProvider = async (args) => {
  console.log('signing for room', args.roomId);
  return original(args);
};
