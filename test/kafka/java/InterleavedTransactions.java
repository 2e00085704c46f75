import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Several of Kafka's own transactional producers, and one without transactions, take turns on the partitions of a topic;
 * transactions are committed or aborted at random. Prints `partition offset value` for each record that a committed reader
 * has to see. One transaction is left open at the end. Arguments: servers, topic, partitions, seed, turns.
 */
public class InterleavedTransactions {
  private static final String[] COMPRESSIONS = {"none", "lz4", "gzip", "zstd"};
  private static final String PAD = "x".repeat(2500);

  private static final class Writer {
    final KafkaProducer<String, String> producer;
    final boolean transactional;
    boolean open;
    final List<Future<RecordMetadata>> sent = new ArrayList<>();
    final List<String> values = new ArrayList<>();

    Writer(String servers, String id, String compression) {
      Properties properties = new Properties();
      properties.put("bootstrap.servers", servers);
      properties.put("compression.type", compression);
      properties.put("linger.ms", "1");
      transactional = id != null;
      if (transactional) properties.put("transactional.id", id);
      producer = new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
      if (transactional) producer.initTransactions();
    }

    void send(String topic, int partition, String value) {
      if (transactional && !open) producer.beginTransaction();
      open = true;
      // A key of four zero bytes looks like the key of an abort marker.
      sent.add(producer.send(new ProducerRecord<>(topic, partition, "\0\0\0\0", value + ":" + PAD)));
      values.add(value);
    }

    void end(boolean commit) throws Exception {
      if (transactional && commit) producer.commitTransaction();
      else if (transactional) producer.abortTransaction();
      else producer.flush();
      for (int i = 0; commit && i < sent.size(); i++) {
        RecordMetadata at = sent.get(i).get();
        System.out.println(at.partition() + " " + at.offset() + " " + values.get(i));
      }
      sent.clear();
      values.clear();
      open = false;
    }
  }

  public static void main(String[] args) throws Exception {
    String topic = args[1];
    int partitions = Integer.parseInt(args[2]);
    Random random = new Random(Long.parseLong(args[3]));
    int turns = Integer.parseInt(args[4]);
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < 4; i++) writers.add(new Writer(args[0], topic + "-" + i, COMPRESSIONS[i]));
    writers.add(new Writer(args[0], null, "none"));
    int serial = 0;
    for (int turn = 0; turn < turns; turn++) {
      Writer writer = writers.get(random.nextInt(writers.size()));
      int records = 1 + random.nextInt(12);
      for (int i = 0; i < records; i++) writer.send(topic, random.nextInt(partitions), "r" + serial++);
      // What is not flushed before an abort never reaches the broker.
      if (random.nextInt(4) > 0) writer.producer.flush();
      if (!writer.transactional) writer.end(true);
      else if (random.nextInt(3) == 0) writer.end(random.nextBoolean());
    }
    for (Writer writer : writers) if (writer.open) writer.end(random.nextBoolean());
    Writer last = writers.get(0);
    for (int partition = 0; partition < partitions; partition++) last.send(topic, partition, "open" + partition);
    last.producer.flush();
    System.out.flush();
    // Neither committed nor aborted: as a process that was killed.
    Runtime.getRuntime().halt(0);
  }
}
