import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.kafka.shaded.org.apache.kafka.clients.admin.Admin;
import org.apache.flink.kafka.shaded.org.apache.kafka.common.TopicPartition;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * A query of a bench on Flink, in one JVM, over partition 0 of a topic: warm-up, then a stretch in the same job, both
 * bounded by completed checkpoints, whose offsets the source commits. Prints the whole process's CPU seconds, the wall
 * time and the events of the stretch, and the events before it, as JSON.
 *
 * Arguments: bootstrap servers, topic, registry URL, events of the topic, columns of the table `results`, the query that
 * is inserted into it; then the least that the warm-up has, in seconds and events, and the least of the stretch, which
 * ends with the topic at the latest; the folder for checkpoints.
 */
public class FlinkBench {
  private static final int LOOK_EVERY_MS = 50;
  /** Of this run alone: what an earlier one committed is not its own. */
  private static final String GROUP = "flink-bench-" + ProcessHandle.current().pid() + "-" + System.currentTimeMillis();

  private record Moment(long events, double cpuSeconds, double wallSeconds) {
    static Moment at(long events) {
      var bean = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      return new Moment(events, bean.getProcessCpuTime() / 1e9, System.nanoTime() / 1e9);
    }

    /** Whether so much lies between an earlier moment and this one. */
    boolean isAfter(Moment earlier, double seconds, long events) {
      return wallSeconds - earlier.wallSeconds >= seconds && this.events - earlier.events >= events;
    }
  }

  public static void main(String[] args) throws Exception {
    String bootstrap = args[0], topic = args[1], registry = args[2];
    long all = Long.parseLong(args[3]);
    String columns = args[4], query = args[5];
    double warmSeconds = Double.parseDouble(args[6]), seconds = Double.parseDouble(args[8]);
    long warmEvents = Long.parseLong(args[7]), events = Long.parseLong(args[9]);
    JobClient job = start(bootstrap, topic, registry, all, columns, query, args[10]);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      // The time until the first checkpoint is that of starting, not of warming up.
      Moment begin = next(admin, topic, job, all, Moment.at(0));
      Moment from = begin;
      while (from.events < all && !from.isAfter(begin, warmSeconds, warmEvents)) from = next(admin, topic, job, all, from);
      Moment to = from;
      while (to.events < all && !to.isAfter(from, seconds, events)) to = next(admin, topic, job, all, to);
      System.out.printf(
          "{\"cpuSeconds\":%.3f,\"wallSeconds\":%.3f,\"events\":%d,\"warmEvents\":%d}%n",
          to.cpuSeconds - from.cpuSeconds, to.wallSeconds - from.wallSeconds, to.events - from.events, from.events);
    }
    Runtime.getRuntime().halt(0);
  }

  /** The moment at which the next checkpoint has completed, or the job has read everything. */
  private static Moment next(Admin admin, String topic, JobClient job, long all, Moment last) throws Exception {
    while (true) {
      if (job.getJobStatus().get().isGloballyTerminalState()) {
        job.getJobExecutionResult().get();
        return Moment.at(all);
      }
      long committed = committed(admin, topic);
      if (committed > last.events) return Moment.at(committed);
      Thread.sleep(LOOK_EVERY_MS);
    }
  }

  private static long committed(Admin admin, String topic) throws InterruptedException {
    try {
      var offsets = admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get();
      var found = offsets.get(new TopicPartition(topic, 0));
      return found == null ? 0 : found.offset();
    } catch (ExecutionException unknownGroup) {
      return 0;
    }
  }

  private static JobClient start(
      String bootstrap, String topic, String registry, long all, String columns, String query, String checkpoints)
      throws Exception {
    Configuration config = new Configuration();
    config.setString("parallelism.default", "1");
    config.setString("pipeline.object-reuse", "true");
    config.setString("execution.checkpointing.interval", "1 s");
    config.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    config.setString("state.backend.type", "hashmap");
    // What the job manager keeps in memory is 5 MB at most.
    config.setString("execution.checkpointing.storage", "filesystem");
    config.setString("execution.checkpointing.dir", "file://" + checkpoints);
    config.setString("taskmanager.memory.network.fraction", "0.1");
    // A failure is told, not tried again for ever.
    config.setString("restart-strategy.type", "none");
    TableEnvironment env =
        TableEnvironment.create(EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(config).build());
    env.executeSql(
        "CREATE TABLE events (user_id STRING NOT NULL, item_id STRING NOT NULL, price DOUBLE NOT NULL, ts TIMESTAMP(3) NOT NULL, "
            + "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ("
            + "'connector' = 'kafka', 'topic' = '" + topic + "', 'properties.bootstrap.servers' = '" + bootstrap + "', "
            + "'properties.group.id' = '" + GROUP + "', "
            + "'scan.startup.mode' = 'specific-offsets', 'scan.startup.specific-offsets' = 'partition:0,offset:0', "
            + "'scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:" + all + "', "
            + "'value.format' = 'avro-confluent', 'value.avro-confluent.url' = '" + registry + "')");
    env.executeSql("CREATE TABLE results (" + columns + ") WITH ('connector' = 'blackhole')");
    return env.executeSql("INSERT INTO results " + query).getJobClient().orElseThrow();
  }
}
