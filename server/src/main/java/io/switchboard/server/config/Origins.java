package io.switchboard.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The web origins whose pages may use the server, compared exactly.
 *
 * @param any whether every origin may; {@code listed} is then empty
 * @param listed such as {@code https://example.com}: scheme, host and a port that is not the scheme's own
 */
public record Origins(boolean any, List<String> listed) {
    public static final int LISTED_MAX = 1_000;

    private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[a-z0-9.\\[\\]:_-]+");

    /** @throws IllegalArgumentException if an origin has upper-case letters, a path, or no scheme */
    public Origins {
        listed = List.copyOf(listed);
        if (any != listed.isEmpty()) throw new IllegalArgumentException("either any origin, or those listed");
        if (listed.size() > LISTED_MAX) throw new IllegalArgumentException("more than " + LISTED_MAX + " origins");
        for (String origin : listed) {
            if (!ORIGIN.matcher(origin).matches()) throw new IllegalArgumentException("not an origin: " + origin);
        }
    }

    static Origins parse(String text) {
        if (text.equals("*")) return new Origins(true, List.of());
        List<String> listed = new ArrayList<>();
        for (String origin : text.split(",", -1)) listed.add(origin.strip());
        return new Origins(false, listed);
    }

    public boolean allow(String origin) {
        return any || listed.contains(origin);
    }

    @Override
    public String toString() {
        return any ? "*" : String.join(", ", listed);
    }
}
