package io.switchboard.cli.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of an answer (RFC 9112), as it came.
 *
 * @param version such as {@code HTTP/1.1}
 */
record Head(String version, int status, List<Field> fields) {
    record Field(String name, String value) {}

    private static final Pattern STATUS_LINE = Pattern.compile("(HTTP/1\\.[01]) ([1-5][0-9]{2})(?: .*)?");

    Head {
        fields = List.copyOf(fields);
    }

    /** @param lines without their ends; the first one is that of the status */
    static Head parse(List<String> lines) throws WireFailure {
        Matcher line = STATUS_LINE.matcher(lines.getFirst());
        if (!line.matches()) {
            throw new WireFailure(
                    WireFailure.Kind.GARBAGE, "does not speak HTTP/1.1: \"" + Excerpt.of(lines.getFirst()) + "\"");
        }
        List<Field> fields = new ArrayList<>();
        for (String field : lines.subList(1, lines.size())) {
            int colon = field.indexOf(':');
            if (colon < 1) {
                throw new WireFailure(
                        WireFailure.Kind.GARBAGE, "sends a header that is none: \"" + Excerpt.of(field) + "\"");
            }
            fields.add(new Field(
                    field.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                    field.substring(colon + 1).strip()));
        }
        return new Head(line.group(1), Integer.parseInt(line.group(2)), fields);
    }

    /** @param name in lower case */
    Optional<String> first(String name) {
        return fields.stream()
                .filter(field -> field.name().equals(name))
                .map(Field::value)
                .findFirst();
    }

    /** @param name in lower case */
    List<String> all(String name) {
        return fields.stream()
                .filter(field -> field.name().equals(name))
                .map(Field::value)
                .toList();
    }

    /** Whether a list of words, such as {@code Connection}, has this one; without regard to case. */
    boolean lists(String name, String word) {
        for (String value : all(name)) {
            for (String part : value.split(",", -1)) {
                if (part.strip().equalsIgnoreCase(word)) return true;
            }
        }
        return false;
    }
}
