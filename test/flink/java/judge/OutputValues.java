package judge;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;
import org.apache.flink.types.Row;

/** Flink's result values in the form of Headwater's `--output changelog`. */
final class OutputValues {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

    private OutputValues() {}

    static JsonNode json(LogicalType type, Object value) {
        if (value == null) return NODES.nullNode();
        switch (type.getTypeRoot()) {
            case BOOLEAN:
                return NODES.booleanNode((Boolean) value);
            case TINYINT:
            case SMALLINT:
            case INTEGER:
                return NODES.numberNode(((Number) value).intValue());
            case BIGINT:
                return NODES.textNode(value.toString());
            case DECIMAL:
                return NODES.textNode(((BigDecimal) value).setScale(LogicalTypeChecks.getScale(type)).toPlainString());
            case FLOAT:
            case DOUBLE:
                return floating(value.toString());
            case CHAR:
            case VARCHAR:
                return NODES.textNode((String) value);
            case BINARY:
            case VARBINARY:
                return NODES.textNode(HexFormat.of().formatHex((byte[]) value));
            case DATE:
                return NODES.textNode(DateTimeFormatter.ofPattern("uuuu-MM-dd").format((LocalDate) value));
            case TIME_WITHOUT_TIME_ZONE:
                return NODES.textNode(time((LocalTime) value, LogicalTypeChecks.getPrecision(type)));
            case TIMESTAMP_WITHOUT_TIME_ZONE:
                return NODES.textNode(timestamp((LocalDateTime) value, LogicalTypeChecks.getPrecision(type)));
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE: {
                LocalDateTime utc = LocalDateTime.ofInstant((Instant) value, ZoneOffset.UTC);
                return NODES.textNode(timestamp(utc, LogicalTypeChecks.getPrecision(type)) + "Z");
            }
            case INTERVAL_YEAR_MONTH:
                return NODES.textNode(String.valueOf(((Period) value).toTotalMonths()));
            case INTERVAL_DAY_TIME:
                return NODES.textNode(String.valueOf(((Duration) value).toMillis()));
            default:
                return nested(type, value);
        }
    }

    private static JsonNode nested(LogicalType type, Object value) {
        ArrayNode list = NODES.arrayNode();
        switch (type.getTypeRoot()) {
            case ARRAY:
                for (int i = 0; i < Array.getLength(value); i++) list.add(json(type.getChildren().get(0), Array.get(value, i)));
                return list;
            case ROW:
                for (int i = 0; i < type.getChildren().size(); i++) list.add(json(type.getChildren().get(i), ((Row) value).getField(i)));
                return list;
            case MAP:
                return entries((Map<?, ?>) value, type.getChildren().get(0), type.getChildren().get(1));
            case MULTISET:
                return entries((Map<?, ?>) value, type.getChildren().get(0), new IntType());
            case NULL:
                return NODES.nullNode();
            default:
                return NODES.textNode("unknown form of " + type + ": " + value);
        }
    }

    private static JsonNode entries(Map<?, ?> map, LogicalType key, LogicalType value) {
        List<ArrayNode> pairs = new ArrayList<>();
        map.forEach((k, v) -> pairs.add(NODES.arrayNode().add(json(key, k)).add(json(value, v))));
        pairs.sort(Comparator.comparing(pair -> pair.get(0).toString()));
        return NODES.arrayNode().addAll(pairs);
    }

    private static JsonNode floating(String text) {
        boolean finite = Character.isDigit(text.charAt(text.length() - 1));
        return finite ? NODES.numberNode(new BigDecimal(text)) : NODES.textNode(text);
    }

    private static String time(LocalTime value, int precision) {
        return value.format(DateTimeFormatter.ofPattern("HH:mm:ss")) + fraction(value.getNano(), precision);
    }

    private static String timestamp(LocalDateTime value, int precision) {
        return value.format(SECONDS) + fraction(value.getNano(), precision);
    }

    private static String fraction(int nanos, int precision) {
        return precision == 0 ? "" : "." + String.format("%09d", nanos).substring(0, precision);
    }
}
