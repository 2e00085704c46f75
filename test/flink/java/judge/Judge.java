package judge;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Answers cases with Flink: one JSON object a line on standard input (a case: id, zone, options, tables, statements,
 * sql), one a line on standard output (its id with column types and changelog, or with the error). One cluster of this
 * process runs all jobs; the first argument says how many cases run at the same time.
 */
public final class Judge {
    static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        int parallelCases = Integer.parseInt(arguments[0]);
        PrintStream answers = System.out;
        System.setOut(System.err);
        try (MiniCluster cluster = startCluster(parallelCases)) {
            int port = cluster.getRestAddress().get().getPort();
            ExecutorService workers = Executors.newFixedThreadPool(parallelCases);
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                JsonNode given = JSON.readTree(line);
                workers.submit(() -> answer(new CaseRun(given, port), answers));
            }
            workers.shutdown();
            workers.awaitTermination(1, TimeUnit.HOURS);
        }
        System.exit(0);
    }

    private static void answer(CaseRun run, PrintStream answers) {
        try {
            byte[] line = (run.answer() + "\n").getBytes(StandardCharsets.UTF_8);
            synchronized (answers) {
                answers.write(line, 0, line.length);
                answers.flush();
            }
        } catch (Throwable problem) {
            // A question without an answer would be waited for without end.
            problem.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static MiniCluster startCluster(int parallelCases) throws Exception {
        Configuration configuration = new Configuration();
        configuration.setString("rest.address", "127.0.0.1");
        configuration.setString("rest.bind-address", "127.0.0.1");
        configuration.setString("rest.port", "0");
        // A case with many windows asks for more than a slot's part of the default.
        configuration.setString("taskmanager.memory.managed.size", "1g");
        configuration.setString("metrics.reporters", "late");
        configuration.setString("metrics.reporter.late.factory.class", LateRows.Factory.class.getName());
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(4 * parallelCases)
                .build());
        cluster.start();
        return cluster;
    }
}
