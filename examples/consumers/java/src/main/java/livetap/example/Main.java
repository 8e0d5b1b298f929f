package livetap.example;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Sums the diamonds of each streamer from Livetap's gift topic, each gift once. */
public final class Main {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PRINT_INTERVAL = Duration.ofSeconds(10);

  /** Settings that cannot be used (EX_CONFIG of sysexits). */
  private static final int EXIT_CONFIG = 78;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;
  private final GiftTotals totals = new GiftTotals();

  private Main(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    this.consumer = consumer;
    this.topic = topic;
  }

  public static void main(String[] arguments) {
    boolean untilEnd = arguments.length == 1 && arguments[0].equals("--until-end");
    if (arguments.length > 0 && !untilEnd) fail(EXIT_CONFIG, "The only option is --until-end.");
    String brokers = setting("KAFKA_BROKERS", "");
    if (brokers.isEmpty())
      fail(EXIT_CONFIG, "KAFKA_BROKERS is not set: host:port of one or more brokers, separated by commas.");
    String topic = setting("LIVETAP_TOPIC_PREFIX", "tiktok.live") + ".gift";

    Properties settings = new Properties();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, setting("GROUP_ID", "gift-totals"));
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "livetap-gift-totals");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // Committed by hand, after the work is done.
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      new Main(consumer, topic).run(untilEnd);
    } catch (KafkaException error) {
      fail(1, topic + ": " + error.getMessage());
    }
  }

  private void run(boolean untilEnd) {
    Map<TopicPartition, Long> open = untilEnd ? endOffsets() : Map.of();
    consumer.subscribe(List.of(topic));
    stopOnSignal();
    Instant printAt = Instant.now().plus(PRINT_INTERVAL);
    try {
      while (!untilEnd || !open.isEmpty()) {
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) add(message);
        commit();
        if (untilEnd) {
          var assigned = consumer.assignment();
          open.entrySet()
              .removeIf(end -> assigned.contains(end.getKey()) && consumer.position(end.getKey()) >= end.getValue());
        } else if (Instant.now().isAfter(printAt)) {
          print();
          printAt = Instant.now().plus(PRINT_INTERVAL);
        }
      }
    } catch (WakeupException stopped) {
      // The only way out of an endless run. What was not committed comes again at the next start.
    }
    print();
  }

  private void add(ConsumerRecord<byte[], byte[]> message) {
    try {
      totals.add(message);
    } catch (GiftTotals.RefusedException fault) {
      System.err.printf(
          "refused %s[%d]@%d: %s%n", message.topic(), message.partition(), message.offset(), fault.getMessage());
    }
  }

  private void commit() {
    try {
      consumer.commitSync();
    } catch (CommitFailedException | RebalanceInProgressException | TimeoutException error) {
      // The next commit tells it as well; if there is none, or the partitions have moved, the records come again.
      System.err.println("not committed: " + error.getMessage());
    }
  }

  private void print() {
    System.out.println(totals.totals());
    System.err.println(totals.summary());
  }

  /** For each partition the offset behind its last record as of now. */
  private Map<TopicPartition, Long> endOffsets() {
    var partitions =
        consumer.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .toList();
    return new HashMap<>(consumer.endOffsets(partitions));
  }

  /** SIGTERM and Ctrl-C wake the consumer up and wait until it has left its group. */
  private void stopOnSignal() {
    Thread main = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  consumer.wakeup();
                  try {
                    main.join();
                  } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                  }
                }));
  }

  private static String setting(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  private static void fail(int code, String message) {
    System.err.println(message);
    System.exit(code);
  }
}
