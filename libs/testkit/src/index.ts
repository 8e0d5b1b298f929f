/** Tools for tests: time and chance under control, a real Kafka, a TCP connection that fails on command. */
export * from './delivery/delivery-ledger.js';
export * from './fake-clock.js';
export * from './sample-event.js';
export * from './seeded-random.js';
export { startKafka, type KafkaOptions, type KafkaServer, type KafkaSkipped } from './kafka/kafka-server.js';
export { testClient, type TestClientOptions, type TestClientSecurity } from './kafka/kafka-ready.js';
export { readTopics, visitTopics, type TopicRecord } from './kafka/topic-reader.js';
export { freePorts } from './tcp/free-port.js';
export { TcpProxy, type TcpFault, type TcpTarget } from './tcp/tcp-proxy.js';
export { startKafkaCluster, type ClusterBroker, type KafkaCluster } from './kafka/kafka-cluster.js';
export { startSecuredKafka, type SecuredKafka, type SecuredKafkaOptions } from './kafka/secured-kafka.js';
export * from './tls/certificate.js';
export { compileSchemas, type EventSchemas } from './contract/event-schemas.js';
export { RecordCheck } from './contract/record-check.js';
