package judge;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.MultisetType;
import org.apache.flink.table.types.logical.RowType;

/** Values of a case file as Flink's internal ones. */
final class InputRows {
    private InputRows() {}

    static RowData row(RowType type, JsonNode values) {
        GenericRowData row = new GenericRowData(type.getFieldCount());
        for (int i = 0; i < type.getFieldCount(); i++) row.setField(i, value(type.getTypeAt(i), values.get(i)));
        return row;
    }

    static RowData nulls(RowType type) {
        return new GenericRowData(type.getFieldCount());
    }

    private static Object value(LogicalType type, JsonNode json) {
        if (json == null || json.isNull()) return null;
        String text = json.asText();
        switch (type.getTypeRoot()) {
            case BOOLEAN:
                return json.asBoolean();
            case TINYINT:
                return Byte.parseByte(text);
            case SMALLINT:
                return Short.parseShort(text);
            case INTEGER:
            case INTERVAL_YEAR_MONTH:
                return Integer.parseInt(text);
            case BIGINT:
            case INTERVAL_DAY_TIME:
                return Long.parseLong(text);
            case FLOAT:
                return Float.parseFloat(text);
            case DOUBLE:
                return Double.parseDouble(text);
            case DECIMAL:
                DecimalType decimal = (DecimalType) type;
                return DecimalData.fromBigDecimal(new BigDecimal(text), decimal.getPrecision(), decimal.getScale());
            case CHAR:
            case VARCHAR:
                return StringData.fromString(text);
            case BINARY:
            case VARBINARY:
                return HexFormat.of().parseHex(text);
            case DATE:
                return (int) LocalDate.parse(text).toEpochDay();
            case TIME_WITHOUT_TIME_ZONE:
                return (int) (LocalTime.parse(text).toNanoOfDay() / 1_000_000);
            case TIMESTAMP_WITHOUT_TIME_ZONE:
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE:
                return TimestampData.fromLocalDateTime(timestamp(text));
            default:
                return nested(type, json);
        }
    }

    /** `12:00:05` (on 2024-01-01), `2024-01-01 12:00:05`, or ISO. */
    private static LocalDateTime timestamp(String text) {
        String whole = text.charAt(2) == ':' ? "2024-01-01T" + text : text;
        return LocalDateTime.parse(whole.replace(' ', 'T').replace("Z", ""));
    }

    private static Object nested(LogicalType type, JsonNode json) {
        switch (type.getTypeRoot()) {
            case ARRAY: {
                Object[] elements = new Object[json.size()];
                for (int i = 0; i < elements.length; i++) elements[i] = value(type.getChildren().get(0), json.get(i));
                return new GenericArrayData(elements);
            }
            case MAP: {
                MapType map = (MapType) type;
                return entries(json, map.getKeyType(), map.getValueType());
            }
            case MULTISET:
                return entries(json, ((MultisetType) type).getElementType(), new org.apache.flink.table.types.logical.IntType());
            case ROW:
                return row((RowType) type, json);
            default:
                throw new IllegalArgumentException("no input values of type " + type);
        }
    }

    private static GenericMapData entries(JsonNode pairs, LogicalType key, LogicalType value) {
        Map<Object, Object> entries = new LinkedHashMap<>();
        for (JsonNode pair : pairs) entries.put(value(key, pair.get(0)), value(value, pair.get(1)));
        return new GenericMapData(entries);
    }
}
