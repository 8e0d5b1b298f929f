import { WebcastEvent, type WebcastLinkLayerMessage } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LINK_LAYER, (data: WebcastLinkLayerMessage) => {
  console.log(`LinkLayer type: ${data.messageType}, channel: ${data.channelId}, scene: ${data.scene}`);
  if (data.inviteContent) {
    if (data.inviteContent.inviteeLinkMicId) {
      console.log(`Invite linkMicId: ${data.inviteContent.inviteeLinkMicId}`);
    }
  }
  if (data.createChannelContent) {
    if (data.createChannelContent.ownerLinkMicId) {
      console.log(`Owner linkMicId: ${data.createChannelContent.ownerLinkMicId}`);
    }
  }
});
