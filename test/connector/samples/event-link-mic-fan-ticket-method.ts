import { WebcastEvent, type WebcastLinkMicFanTicketMethod } from '@livetap/connector';
import { connection } from '../shared-connection.js';

connection.on(WebcastEvent.LINK_MIC_FAN_TICKET_METHOD, (data: WebcastLinkMicFanTicketMethod) => {
  const notice = data.FanTicketRoomNotice;
  if (notice) {
    console.log(`Total fan tickets: ${notice.TotalLinkMicFanTicket}`);
    console.log(`Users in notice: ${notice.UserFanTicketList.length}`);
  }
});
