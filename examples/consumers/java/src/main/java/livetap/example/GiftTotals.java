package livetap.example;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Removes repeats by (source, id) and adds up diamonds for each subject. Not for parallel use. */
final class GiftTotals {
  private static final String TYPE = "livetap.gift.v1";
  private static final String NOT_A_GIFT = "the value is not a " + TYPE + " event";

  /** Ids remembered at most. Repeats come soon after the first record, so the newest ids are the ones that matter. */
  private static final int SEEN_LIMIT = 500_000;

  private record Key(String source, String id) {}

  /** A record that does not keep the contract; the message says how. */
  static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, Long> diamonds = new TreeMap<>();
  private final Map<Key, Boolean> seen = new NewestIds();
  private long records;
  private long gifts;
  private long repeats;
  private long refused;

  /**
   * Takes one record.
   *
   * @throws RefusedException when it does not keep the contract; it is counted and can be passed over
   */
  void add(ConsumerRecord<byte[], byte[]> message) throws RefusedException {
    records++;
    try {
      process(message);
    } catch (RefusedException fault) {
      refused++;
      throw fault;
    }
  }

  /** The diamonds of each streamer as one JSON object. */
  String totals() {
    try {
      return json.writeValueAsString(diamonds);
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  String summary() {
    return "records=%d gifts=%d repeats=%d refused=%d".formatted(records, gifts, repeats, refused);
  }

  private void process(ConsumerRecord<byte[], byte[]> message) throws RefusedException {
    Header type = message.headers().lastHeader("ce_type");
    if (type == null) throw new RefusedException("no header ce_type", null);
    // The topic holds other types, too: `gift.completed` tells a whole streak again.
    if (!TYPE.equals(new String(type.value(), java.nio.charset.StandardCharsets.UTF_8))) return;

    JsonNode event = parse(message.value());
    JsonNode price = event.path("data").path("diamonds");
    boolean known = !price.isMissingNode();
    if (!event.path("data").isObject() || (known && !price.canConvertToExactIntegral()))
      throw new RefusedException(NOT_A_GIFT, null);
    String subject = text(event, "subject");
    Key key = new Key(text(event, "source"), text(event, "id"));

    // A repeat can differ in what was computed from history: the first record counts.
    if (seen.putIfAbsent(key, true) != null) {
      repeats++;
      return;
    }
    gifts++;
    diamonds.merge(subject, known ? price.longValue() : 0, Math::addExact);
  }

  private JsonNode parse(byte[] value) throws RefusedException {
    try {
      return json.readTree(value == null ? new byte[0] : value);
    } catch (IOException cause) {
      throw new RefusedException(NOT_A_GIFT, cause);
    }
  }

  private static String text(JsonNode event, String attribute) throws RefusedException {
    JsonNode value = event.path(attribute);
    if (!value.isTextual() || value.textValue().isEmpty()) throw new RefusedException(NOT_A_GIFT, null);
    return value.textValue();
  }

  private static final class NewestIds extends LinkedHashMap<Key, Boolean> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Key, Boolean> eldest) {
      return size() > SEEN_LIMIT;
    }
  }
}
