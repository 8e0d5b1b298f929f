// What one would build with tiktok-live-connector and kafkajs: its connections with its own decoding, chosen fields of each
// message as JSON, one send for each frame (acks=all), without waiting for the one before. No journal: what is in memory is lost with it.
import { Kafka, logLevel } from 'kafkajs';
import { chosenFields } from './chosen-fields.mjs';
import { MeasuredWork } from './measured-work.mjs';

const { brokers, prefix, rooms, firstRoom, peer } = JSON.parse(process.argv[2]);
const { TikTokLiveConnection } = await import(peer);
const topic = `${prefix}.events`;

const work = new MeasuredWork();
const kafka = new Kafka({ brokers, clientId: 'peer-bench', logLevel: logLevel.NOTHING });
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: 12, replicationFactor: 1 }] });
await admin.disconnect();
const producer = kafka.producer();
await producer.connect();
// Connections and metadata are there before anything is measured.
await producer.send({ topic, acks: -1, messages: [{ key: 'first', value: '{}' }] });

for (let index = 0; index < rooms; index += 1) {
  const roomId = String(7_300_000_000_000_000_000n + BigInt(firstRoom + index));
  const connection = new TikTokLiveConnection(`streamer.${firstRoom + index}`, {
    fetchRoomInfoOnConnect: false,
    enableExtendedGiftInfo: false,
  });
  connection.on('error', (error) => console.error(error));
  connection.on('websocketConnected', (socket) => {
    // In the order of the frames; they are decoded one beside the other.
    const receivedAt = [];
    socket.on('webSocketData', () => {
      receivedAt.push(Date.now());
      work.received();
    });
    socket.on('protoMessageFetchResult', (frame) => void publish(roomId, frame, receivedAt.shift()));
  });
  await connection.connect(roomId);
}
work.ready();

async function publish(roomId, { messages: decoded }, receivedAt) {
  const messages = decoded.map(({ method, type, decodedData }) => ({
    key: roomId,
    value: JSON.stringify(chosenFields(method ?? type, decodedData?.data ?? {}, roomId)),
  }));
  await producer.send({ topic, acks: -1, messages });
  work.acknowledged(
    messages.length,
    messages.map(() => receivedAt),
  );
}

process.on('disconnect', () => process.exit(0));
