package judge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.RowType;

/** Connector 'values': the rows that the case gives its tables, in their order. The catalog's name says which case. */
public final class ValuesConnector implements DynamicTableSourceFactory {
    private static final Map<String, JsonNode> TABLES = new ConcurrentHashMap<>();

    static void register(String catalog, JsonNode tables) {
        TABLES.put(catalog, tables);
    }

    static void forget(String catalog) {
        TABLES.remove(catalog);
    }

    @Override
    public String factoryIdentifier() {
        return "values";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of();
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        JsonNode tables = TABLES.get(context.getObjectIdentifier().getCatalogName());
        JsonNode rows = tables.get(context.getObjectIdentifier().getObjectName());
        RowType type = (RowType) context.getPhysicalRowDataType().getLogicalType();
        List<RowData> data = new ArrayList<>();
        for (JsonNode row : rows) data.add(InputRows.row(type, row));
        return new Source(type, data);
    }

    private record Source(RowType type, List<RowData> rows) implements ScanTableSource {
        @Override
        public ChangelogMode getChangelogMode() {
            return ChangelogMode.insertOnly();
        }

        @Override
        public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
            return new Provider(type, rows);
        }

        @Override
        public DynamicTableSource copy() {
            return this;
        }

        @Override
        public String asSummaryString() {
            return "values";
        }
    }

    private record Provider(RowType type, List<RowData> rows) implements DataStreamScanProvider {
        @Override
        public DataStream<RowData> produceDataStream(ProviderContext context, StreamExecutionEnvironment environment) {
            return rows.isEmpty()
                    ? environment.fromData(List.of(InputRows.nulls(type)), InternalTypeInfo.of(type)).filter(row -> false)
                    : environment.fromData(rows, InternalTypeInfo.of(type));
        }

        @Override
        public boolean isBounded() {
            return true;
        }
    }
}
