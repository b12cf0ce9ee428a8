package io.switchboard.server.config;

import java.util.Locale;

/**
 * One thing that can be set. Its name in a YAML file gives the names of its environment variable and its flag:
 * {@code limits.messageBytes}, {@code SWITCHBOARD_LIMITS_MESSAGE_BYTES}, {@code --limits-message-bytes}.
 *
 * @param name the path of the key in a YAML file, sections joined by dots
 * @param kind which values it takes
 * @param byDefault the text that stands for the default; empty if there is none
 * @param sentence what it does, for the help and the documentation
 */
public record Key<T>(String name, Kind<T> kind, String byDefault, String sentence) {
    static final String VARIABLE_PREFIX = "SWITCHBOARD_";

    public String variable() {
        return VARIABLE_PREFIX + words('_').toUpperCase(Locale.ROOT);
    }

    public String flag() {
        return "--" + words('-').toLowerCase(Locale.ROOT);
    }

    /** The part before the first dot; empty for a key outside of any section. */
    public String section() {
        int dot = name.indexOf('.');
        return dot < 0 ? "" : name.substring(0, dot);
    }

    /** The allowed values, in words. */
    public String range() {
        return kind.range();
    }

    /** Returns {@code value}, or throws {@link IllegalArgumentException} if it is out of range. */
    T require(T value) {
        if (!kind.allows(value)) {
            throw new IllegalArgumentException(name + ": " + value + " is not allowed; allowed: " + range());
        }
        return value;
    }

    private String words(char separator) {
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '.') {
                words.append(separator);
            } else if (Character.isUpperCase(c)) {
                words.append(separator).append(c);
            } else {
                words.append(c);
            }
        }
        return words.toString();
    }
}
