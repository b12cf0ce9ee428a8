package io.switchboard.server.config;

import java.util.Collection;
import java.util.Locale;

/** What somebody probably meant who wrote a name that does not exist. */
public final class Suggestion {
    private Suggestion() {}

    /** A half sentence that begins with a blank, or nothing if no name is near; of equally near ones the shortest. */
    public static String near(String wrong, Collection<String> names) {
        int nearest = Integer.MAX_VALUE;
        String found = "";
        for (String name : names) {
            int distance = Math.min(distance(wrong, name), distance(wrong, afterLastDot(name)));
            if (distance < nearest || (distance == nearest && name.length() < found.length())) {
                nearest = distance;
                found = name;
            }
        }
        return nearest <= (wrong.length() < 4 ? 1 : Math.max(2, wrong.length() / 4))
                ? " Did you mean " + found + "?"
                : "";
    }

    private static String afterLastDot(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** How many letters have to be added, removed or changed, upper and lower case being the same. */
    private static int distance(String from, String to) {
        String a = from.toLowerCase(Locale.ROOT);
        String b = to.toLowerCase(Locale.ROOT);
        if (a.length() > 200) return Integer.MAX_VALUE;
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) row[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
