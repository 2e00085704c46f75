import java.lang.management.ManagementFactory;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;

/**
 * A query of a bench on Flink, in one JVM: once over the first events of partition 0 to warm up, once over the events
 * that are measured. Prints the whole process's CPU seconds and the wall time of the second run as JSON.
 *
 * Arguments: bootstrap servers, topic, registry URL, events of the warm-up, events in all, columns of the table
 * `results`, the query that is inserted into it.
 */
public class FlinkBench {
  public static void main(String[] args) throws Exception {
    String bootstrap = args[0], topic = args[1], registry = args[2];
    long warm = Long.parseLong(args[3]), all = Long.parseLong(args[4]);
    String columns = args[5], query = args[6];
    run(bootstrap, topic, registry, 0, warm, columns, query);
    double cpu = cpuSeconds();
    long begun = System.nanoTime();
    run(bootstrap, topic, registry, warm, all, columns, query);
    double wall = (System.nanoTime() - begun) / 1e9;
    System.out.printf("{\"cpuSeconds\":%.3f,\"wallSeconds\":%.3f}%n", cpuSeconds() - cpu, wall);
    System.exit(0);
  }

  private static double cpuSeconds() {
    var bean = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return bean.getProcessCpuTime() / 1e9;
  }

  private static void run(
      String bootstrap, String topic, String registry, long from, long to, String columns, String query)
      throws Exception {
    Configuration config = new Configuration();
    config.setString("parallelism.default", "1");
    config.setString("pipeline.object-reuse", "true");
    config.setString("execution.checkpointing.interval", "1 s");
    config.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    config.setString("state.backend.type", "hashmap");
    config.setString("taskmanager.memory.network.fraction", "0.1");
    TableEnvironment env =
        TableEnvironment.create(EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(config).build());
    env.executeSql(
        "CREATE TABLE events (user_id STRING NOT NULL, item_id STRING NOT NULL, price DOUBLE NOT NULL, ts TIMESTAMP(3) NOT NULL, "
            + "WATERMARK FOR ts AS ts - INTERVAL '1' SECOND) WITH ("
            + "'connector' = 'kafka', 'topic' = '" + topic + "', 'properties.bootstrap.servers' = '" + bootstrap + "', "
            + "'scan.startup.mode' = 'specific-offsets', 'scan.startup.specific-offsets' = 'partition:0,offset:" + from + "', "
            + "'scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:" + to + "', "
            + "'value.format' = 'avro-confluent', 'value.avro-confluent.url' = '" + registry + "')");
    env.executeSql("CREATE TABLE results (" + columns + ") WITH ('connector' = 'blackhole')");
    env.executeSql("INSERT INTO results " + query).await();
  }
}
