package judge;

import java.time.ZoneId;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.utils.LogicalTypeUtils;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

/** One case: its tables and statements, then its query to the end of the input. */
final class CaseRun {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private final JsonNode given;
    private final int port;

    CaseRun(JsonNode given, int port) {
        this.given = given;
        this.port = port;
    }

    /** {id, types, rows, late} or {id, error: {kind, message}}. */
    ObjectNode answer() {
        ObjectNode answer = Judge.JSON.createObjectNode();
        answer.set("id", given.get("id"));
        String catalog = "case" + COUNT.incrementAndGet();
        boolean running = false;
        try {
            TableEnvironment tables = environment(catalog);
            ValuesConnector.register(catalog, given.get("tables"));
            for (JsonNode statement : given.get("statements")) tables.executeSql(statement.asText());
            TableResult result = tables.executeSql(given.get("sql").asText());
            running = true;
            List<Column> columns = result.getResolvedSchema().getColumns();
            answer.set("types", types(columns));
            answer.set("rows", rows(result, columns));
            JobID job = result.getJobClient().get().getJobID();
            answer.put("late", LateRows.dropped(job.toHexString()));
            return answer;
        } catch (Throwable problem) {
            answer.remove("types");
            answer.set("error", Failure.describe(problem, running));
            return answer;
        } finally {
            ValuesConnector.forget(catalog);
        }
    }

    private TableEnvironment environment(String catalog) {
        Configuration configuration = new Configuration();
        configuration.setString("execution.target", "remote");
        configuration.setString("execution.attached", "true");
        configuration.setString("rest.address", "127.0.0.1");
        configuration.setString("rest.port", String.valueOf(port));
        configuration.setString("pipeline.auto-watermark-interval", "0");
        configuration.setString("parallelism.default", "1");
        configuration.setString("restart-strategy.type", "none");
        for (Iterator<Map.Entry<String, JsonNode>> it = given.get("options").fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> option = it.next();
            configuration.setString(option.getKey(), option.getValue().asText());
        }
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.newInstance()
                .inStreamingMode()
                .withBuiltInCatalogName(catalog)
                .withConfiguration(configuration)
                .build());
        tables.getConfig().setLocalTimeZone(ZoneId.of(given.get("zone").asText()));
        return tables;
    }

    private static ArrayNode types(List<Column> columns) {
        ArrayNode types = Judge.JSON.createArrayNode();
        for (Column column : columns) {
            LogicalType type = column.getDataType().getLogicalType();
            types.add(LogicalTypeUtils.removeTimeAttributes(type).asSummaryString());
        }
        return types;
    }

    private static ArrayNode rows(TableResult result, List<Column> columns) throws Exception {
        ArrayNode rows = Judge.JSON.createArrayNode();
        try (CloseableIterator<Row> iterator = result.collect()) {
            while (iterator.hasNext()) {
                Row row = iterator.next();
                ArrayNode values = rows.addArray();
                values.add(row.getKind().shortString());
                for (int i = 0; i < columns.size(); i++) {
                    values.add(OutputValues.json(columns.get(i).getDataType().getLogicalType(), row.getField(i)));
                }
            }
        }
        return rows;
    }
}
