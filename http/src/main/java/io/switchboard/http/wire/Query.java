package io.switchboard.http.wire;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a request target, decoded once: percent-encoding is undone, {@code +} stays what it
 * is, since offsets and channel names may hold one. A parameter without {@code =} has the empty value.
 */
public final class Query {
    public static final int PARAMETERS_MAX = 64;
    public static final Query EMPTY = new Query(List.of(), List.of());

    private final List<String> names;
    private final List<String> values;

    private Query(List<String> names, List<String> values) {
        this.names = names;
        this.values = values;
    }

    /** What became of a raw query. */
    public sealed interface Result {
        record Parsed(Query query) implements Result {}

        /** @param sentence what is wrong, for the detail of a {@link Problem} */
        record Refused(String sentence) implements Result {}
    }

    /** @param raw what stands behind the question mark, without it; may be empty */
    public static Result parse(String raw) {
        if (raw.isEmpty()) return new Result.Parsed(EMPTY);
        List<String> names = new ArrayList<>(4);
        List<String> values = new ArrayList<>(4);
        int start = 0;
        while (start <= raw.length()) {
            int ampersand = raw.indexOf('&', start);
            int end = ampersand < 0 ? raw.length() : ampersand;
            if (end > start) {
                if (names.size() == PARAMETERS_MAX) {
                    return new Result.Refused("A query has at most " + PARAMETERS_MAX + " parameters.");
                }
                int equals = raw.indexOf('=', start);
                int nameEnd = equals < 0 || equals > end ? end : equals;
                String name = PercentEncoding.decode(raw.substring(start, nameEnd));
                String value = PercentEncoding.decode(raw.substring(Math.min(nameEnd + 1, end), end));
                if (name == null || value == null) {
                    return new Result.Refused("The query is not percent-encoded UTF-8.");
                }
                names.add(name);
                values.add(value);
            }
            start = end + 1;
        }
        return new Result.Parsed(new Query(List.copyOf(names), List.copyOf(values)));
    }

    /** The first value of {@code name}; null without one. */
    public @Nullable String first(String name) {
        int index = names.indexOf(name);
        return index < 0 ? null : values.get(index);
    }

    /** All values of {@code name}, in order. */
    public List<String> all(String name) {
        List<String> all = new ArrayList<>(2);
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equals(name)) all.add(values.get(i));
        }
        return all;
    }

    public boolean has(String name) {
        return names.contains(name);
    }

    /** Whether {@code name} stands there more than once. */
    public boolean repeats(String name) {
        return names.indexOf(name) != names.lastIndexOf(name);
    }

    /** How many parameters there are, repeated ones included. */
    public int count() {
        return names.size();
    }

    public String name(int index) {
        return names.get(index);
    }

    public String value(int index) {
        return values.get(index);
    }

    @Override
    public String toString() {
        return "Query" + names + values;
    }
}
