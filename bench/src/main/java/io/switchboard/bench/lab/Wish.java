package io.switchboard.bench.lab;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that is wished for at one moment, as one line of {@code name=value} with blanks between. The server that writes it has
 * checked every value; what does not fit all the same ends the process.
 *
 * @param relay whether there shall be one
 */
record Wish(boolean relay, Conditions conditions, Crowd crowd) {
    /** @throws IllegalArgumentException if it is none */
    static Wish parse(String line) {
        Map<String, String> values = new HashMap<>();
        for (String each : line.split(" ", -1)) {
            int equals = each.indexOf('=');
            if (equals < 1) throw new IllegalArgumentException("no name");
            values.put(each.substring(0, equals), each.substring(equals + 1));
        }
        return new Wish(
                isOn(values, "relay"),
                new Conditions(
                        number(values, "delay"),
                        Double.parseDouble(value(values, "loss")),
                        isOn(values, "strip"),
                        isOn(values, "plug")),
                new Crowd(
                        Carrier.of(value(values, "carrier")),
                        number(values, "viewers"),
                        number(values, "poll"),
                        value(values, "channel"),
                        values.get("token")));
    }

    private static String value(Map<String, String> values, String name) {
        @Nullable String value = values.get(name);
        if (value == null) throw new IllegalArgumentException("no " + name);
        return value;
    }

    private static int number(Map<String, String> values, String name) {
        return Integer.parseInt(value(values, name));
    }

    private static boolean isOn(Map<String, String> values, String name) {
        return value(values, name).equals("on");
    }
}
