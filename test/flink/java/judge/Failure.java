package judge;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ObjectNode;

/** Sorts an exception: parse, validation, planning, runtime, or internal (Flink's own code is at fault). */
final class Failure {
    private Failure() {}

    static ObjectNode describe(Throwable problem, boolean running) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable cause = problem; cause != null && !chain.contains(cause); cause = cause.getCause()) chain.add(cause);
        ObjectNode error = Judge.JSON.createObjectNode();
        error.put("kind", kind(chain, running));
        error.put("message", message(chain));
        return error;
    }

    private static String kind(List<Throwable> chain, boolean running) {
        for (Throwable cause : chain) {
            String text = cause.getClass().getName() + ": " + cause.getMessage();
            if (text.contains("cannot be compiled") || text.contains("CompileException")) return "internal";
            if (text.contains("CodeGenException") || text.contains("ClassCastException")) return "internal";
            if (text.contains("NullPointerException") || text.contains("AssertionError")) return "internal";
        }
        if (running) return "runtime";
        for (Throwable cause : chain) {
            String name = cause.getClass().getSimpleName();
            if (name.equals("SqlParserException") || name.equals("SqlParserEOFException")) return "parse";
            if (name.equals("ValidationException")) return "validation";
        }
        return "planning";
    }

    /** The first line that says something, of the innermost exception that does. */
    private static String message(List<Throwable> chain) {
        for (int i = chain.size() - 1; i >= 0; i--) {
            String text = chain.get(i).getMessage();
            if (text == null || text.isBlank()) continue;
            String line = text.strip().split("\n")[0];
            return line.length() > 300 ? line.substring(0, 300) : line;
        }
        return chain.get(chain.size() - 1).getClass().getName();
    }
}
