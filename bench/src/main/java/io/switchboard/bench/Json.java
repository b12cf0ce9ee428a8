package io.switchboard.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes JSON (RFC 8259) of maps, lists, texts, numbers and truth values. */
public final class Json {
    private Json() {}

    public static String of(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        switch (value) {
            case Map<?, ?> map -> {
                String between = "{";
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(between);
                    text(String.valueOf(entry.getKey()), out);
                    out.append(':');
                    write(entry.getValue(), out);
                    between = ",";
                }
                out.append(map.isEmpty() ? "{}" : "}");
            }
            case List<?> list -> {
                out.append('[');
                for (int i = 0; i < list.size(); i++) {
                    if (i > 0) out.append(',');
                    write(list.get(i), out);
                }
                out.append(']');
            }
            case Double number -> out.append(number(number));
            case Number number -> out.append(number);
            case Boolean truth -> out.append(truth);
            default -> text(String.valueOf(value), out);
        }
    }

    private static String number(double number) {
        if (!Double.isFinite(number)) return "null";
        if (number == Math.rint(number) && Math.abs(number) < 1e15) return Long.toString((long) number);
        return String.format(Locale.ROOT, "%.4f", number);
    }

    private static void text(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ') out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            else out.append(c);
        }
        out.append('"');
    }
}
